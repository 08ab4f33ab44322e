#pragma once

namespace nightshift::sandbox {

/// Reads edits from `fd` up to its end and carries all of them out, or none: what was replaced before a
/// failure is put back. Says how it went in one line on standard output, and returns the exit code: 0
/// done, 1 a file could not be written, 2 the edits are malformed.
///
///   edits 1 LF
///   write  PATHBYTES MODEBYTES CONTENTBYTES LF path modeOf content     modeOf: whose permissions, or empty
///   remove PATHBYTES 0 0 LF path
///   rmdir  PATHBYTES 0 0 LF path                               stays when it is not empty
///   link   PATHBYTES 0 TARGETBYTES LF path target              a symbolic link, where nothing is
///   end LF
///
/// Writing follows symbolic links, keeps permissions and owner, and makes folders that are missing;
/// removing takes the link itself.
int writeFiles(int fd);

} // namespace nightshift::sandbox
