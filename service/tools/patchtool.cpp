#include "tools/patchtool.h"
#include "tools/callarguments.h"
#include "tools/diskfiles.h"
#include "tools/patchjob.h"
#include "tools/toolschema.h"

using namespace Qt::StringLiterals;

namespace nightshift::tools {

namespace {

constexpr auto grammar = R"(start: "*** Begin Patch" LF file+ "*** End Patch" LF?

file: added | deleted | updated
added: "*** Add File: " path LF new_line+
deleted: "*** Delete File: " path LF
updated: "*** Update File: " path LF moved? chunks?
moved: "*** Move to: " path LF
chunks: (anchor | line)+ file_end?

anchor: "@@" (" " text)? LF
line: ("+" | "-" | " ") rest LF
new_line: "+" rest LF
file_end: "*** End of File" LF

path: /.+/
text: /.+/
rest: /.*/

%import common.LF
)";

constexpr auto freeformDescription =
    "Edits files: adds, deletes, changes or moves them, all of the patch or nothing. The input is the patch "
    "itself, as plain text; do not wrap it in JSON or quotes.";

constexpr auto functionDescription =
    "Edits files: adds, deletes, changes or moves them, all of the patch or nothing. `input` holds the patch:\n"
    "*** Begin Patch\n"
    "*** Add File: path/new.txt\n"
    "+every line of the new file behind a plus\n"
    "*** Delete File: path/old.txt\n"
    "*** Update File: path/some.py\n"
    "*** Move to: path/other.py\n"
    "@@ def the_line_above_the_change():\n"
    "     a line that stays, behind a blank\n"
    "-    a line that goes\n"
    "+    a line that comes\n"
    "*** End Patch\n"
    "Leave `*** Move to:` out unless the file moves. After @@ stands a whole line of the file, or nothing; line "
    "numbers are not used. Give about three unchanged lines around each change, exactly as the file has them, and "
    "the changes of a file from top to bottom. Paths are relative to the working directory.";

/// Some models put the JSON of a function into free text, and some the bare patch into a function: the
/// text tells which it is, for no patch begins with a brace.
bool isJson(const QByteArray &arguments)
{
    return arguments.trimmed().startsWith('{');
}

} // namespace

PatchTool::PatchTool(const Sandbox &sandbox, QString cwd, Shape shape, Tell tell)
    : m_sandbox(sandbox)
    , m_cwd(std::move(cwd))
    , m_shape(shape)
    , m_tell(std::move(tell))
{}

RawJson PatchTool::definition() const
{
    if (m_shape == Shape::Function) {
        static const RawJson function =
            schema::function("apply_patch", functionDescription,
                             schema::object({{"input", schema::string("The whole patch.")}}, {u"input"_s}));
        return function;
    }
    static const RawJson custom =
        json::object({{"type", "custom"},
                      {"name", "apply_patch"},
                      {"description", freeformDescription},
                      {"format", json::object({{"type", "grammar"}, {"syntax", "lark"}, {"definition", grammar}})}});
    return custom;
}

static PatchJob::Request readCall(const ToolCall &call, const QString &cwd)
{
    PatchJob::Request request{.call = call.id, .cwd = cwd};
    if (isJson(call.arguments)) {
        CallArguments arguments(call.arguments);
        request.text = arguments.string("input", CallArguments::Need::Required).value_or(QString());
        request.problem = arguments.problem();
    } else {
        request.text = QString::fromUtf8(call.arguments);
    }
    return request;
}

Proposal PatchTool::proposal(const QString &text, const QString &cwd) const
{
    const CheckedPatch checked = checkPatch(text, cwd, writePolicy(m_sandbox));
    Proposal proposal{.kind = Proposal::Kind::Patch, .command = {{}, cwd, {}}, .patch = text};
    proposal.changes = checked.plan.changes;
    if (checked.isForbidden)
        proposal.approval = checked.problem;
    else if (checked.problem)
        proposal.kind = Proposal::Kind::Nothing;
    proposal.refusal = checked.problem.value_or(QString());
    return proposal;
}

Proposal PatchTool::propose(const ToolCall &call)
{
    const PatchJob::Request request = readCall(call, m_cwd);
    if (request.problem)
        return {.kind = Proposal::Kind::Nothing, .refusal = *request.problem};
    return proposal(request.text, request.cwd);
}

Proposal PatchTool::proposeFromShell(const ShellPatch &patch, const QString &workdir) const
{
    if (patch.isBare)
        return {.kind = Proposal::Kind::Nothing};
    return proposal(patch.text, absolutePath(patch.folder, workdir));
}

ToolJob *PatchTool::start(const ToolCall &call, QObject *parent)
{
    return begin(readCall(call, m_cwd), call.permit, parent);
}

ToolJob *PatchTool::startFromShell(const ToolCall &call, const ShellPatch &patch, const QString &workdir,
                                   QObject *parent)
{
    PatchJob::Request request{.call = call.id, .text = patch.text, .cwd = absolutePath(patch.folder, workdir)};
    request.successPrefix = "Wall time: 0.0000 seconds\nOutput:\n"; // of the command that was not run
    if (patch.isBare)
        request.problem = u"apply_patch verification failed: patch detected without explicit call to apply_patch. "
                          "Call the tool apply_patch with it"_s;
    return begin(std::move(request), call.permit, parent);
}

ToolJob *PatchTool::begin(PatchJob::Request request, const Permit &permit, QObject *parent)
{
    auto *job = new PatchJob(permit.unsandboxed ? m_sandbox.opened() : m_sandbox, m_tell, std::move(request), parent);
    if (m_last) {
        QObject::connect(m_last, &ToolJob::finished, job, &PatchJob::begin, Qt::QueuedConnection);
        QObject::connect(m_last, &QObject::destroyed, job, &PatchJob::begin, Qt::QueuedConnection);
    }
    if (!m_last || m_last->isOver())
        QMetaObject::invokeMethod(job, &PatchJob::begin, Qt::QueuedConnection);
    m_last = job;
    return job;
}

} // namespace nightshift::tools
