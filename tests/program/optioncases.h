#pragma once
#include "app/options.h"

/// Every option of a run, what excludes what, and whole command lines, as clients rely on them: written down apart from
/// the program's own table. Words are separated by bars; ID stands for a session's.
namespace nightshift::test {

using app::Command;

/// What shows that an option had its effect.
enum class Seen {
    Nothing, ///< Only that the run came to its end.
    Request, ///< In what the model was sent.
    Err,
    Out,
    File,  ///< NAME=TEXT: a file below the working tree and what it holds.
    Fails, ///< On stderr, exit code 1, and no request.
    NoLog, ///< Nothing was recorded.
};

struct OptionCase
{
    const char *option; ///< Its words, separated by bars; others that it needs stand behind it.
    const char *places; ///< Where it may stand: o, e, b, r, f, v as in `places` below. V: is known, and refused later.
    Seen seen;
    const char *text = "";
    bool alone = false; ///< It stands for a prompt or a target: no other is given.
};

inline constexpr struct
{
    char letter;
    const char *line; ///< {} is the option, ID the session.
    const char *rest; ///< What follows unless the option stands for it.
    Command command;
} places[] = {
    {'o', "{}|exec", "|p", Command::Outer},
    {'e', "exec|{}", "|p", Command::Exec},
    {'b', "exec|{}|resume|ID", "|p", Command::Exec}, // before the word, where everything of exec is accepted
    {'r', "exec|resume|ID|{}", "|p", Command::Resume},
    {'f', "exec|fork|ID|{}", "|p", Command::Fork},
    {'v', "exec|review|{}", "|p", Command::Review},
};

inline constexpr OptionCase optionCases[] = {
    {"-c|model=\"other\"", "oebrfv", Seen::Request, R"("model":"other")"},
    {"--config|model=other", "oebrfv", Seen::Request, R"("model":"other")"},
    {"-c|no_equals", "oebrfv", Seen::Fails, "no_equals"},
    {"--enable|no_such", "oebrfv", Seen::Fails, "no_such"},
    {"--disable|no_such", "oebrfv", Seen::Fails, "no_such"},
    {"--strict-config|-c|no_such=1", "oebrfv", Seen::Fails, "no_such"},
    {"-m|other", "oebrfv", Seen::Request, R"("model":"other")"},
    {"--model=other", "oebrfv", Seen::Request, R"("model":"other")"},
    {"-p|work", "oebrfv", Seen::Request, R"("model":"of-the-profile")"},
    {"--profile|work", "oebrfv", Seen::Request, R"("model":"of-the-profile")"},
    {"-s|workspace-write", "oebrfv", Seen::Err, "sandbox: workspace-write"},
    {"--sandbox|danger-full-access", "oebrfv", Seen::Err, "sandbox: danger-full-access"},
    {"--mode|workspace-write", "oebrfv", Seen::Err, "sandbox: workspace-write"},
    {"-a|never", "oebrfv", Seen::Err, "approval: never"},
    {"--ask-for-approval|never", "oebrfv", Seen::Err, "approval: never"},
    {"--yolo", "oebrfv", Seen::Err, "sandbox: danger-full-access"},
    {"--dangerously-bypass-approvals-and-sandbox", "oebrfv", Seen::Err, "sandbox: danger-full-access"},
    {"--dangerously-bypass-hook-trust", "oebrfv", Seen::Nothing},
    {"--hooks|no_such", "ebrfv", Seen::Fails, "no_such"},
    {"--hook-timeout|1s", "ebrfv", Seen::Nothing},
    {"--hook-on-failure|allow", "ebrfv", Seen::Nothing},
    {"--approve-for-me", "oebrfv", Seen::Err, "sandbox: workspace-write"},
    {"--full-auto", "oebrfv", Seen::Err, "--sandbox workspace-write"},
    {"-C|below", "oebrfv", Seen::Err, "/tree/below\n"},
    {"--cd|below", "oebrfv", Seen::Err, "/tree/below\n"},
    {"--add-dir|extra|-s|workspace-write", "oebrfv", Seen::Err, "/tree/extra"},
    {"--oss", "oebrfv", Seen::Fails, "lmstudio"},
    {"--local-provider|no_such|--oss", "oebrfv", Seen::Fails, "no_such"},
    {"--provider|no_such", "oebrfv", Seen::Fails, "no_such"},
    {"--search", "oebrfv", Seen::Request, R"("type":"web_search")"},
    {"--worktree", "oebrfv", Seen::Err, "worktree"},
    {"--isolation|worktree", "oebrfv", Seen::Err, "worktree"},
    {"--apply|--isolation|copy", "ebrfv", Seen::Nothing},
    {"--diff|made.patch|--isolation|copy", "ebrfv", Seen::File, "made.patch="},
    {"--json", "ebrfv", Seen::Out, R"({"type":"turn.completed")"},
    {"--experimental-json", "ebrfv", Seen::Out, R"({"type":"turn.completed")"},
    {"--json=deltas", "ebrfv", Seen::Out, R"({"type":"item.delta")"},
    {"--json=protocol", "ebrfv", Seen::Out, R"({"type":"task_complete")"},
    {"--legacy-json", "ebrfv", Seen::Out, R"({"type":"task_complete")"},
    {"-o|last.txt", "ebrfv", Seen::File, R"(last.txt={"a":"b"})"},
    {"--output-last-message|last.txt", "ebrfv", Seen::File, R"(last.txt={"a":"b"})"},
    {"--output-schema|schema.json", "ebrfv", Seen::Request, "codex_output_schema"},
    {"--color|always", "ebrfv", Seen::Err, "\x1b["},
    {"--skip-git-repo-check|-C|../home", "ebrfv", Seen::Err, "/home\n"},
    {"--record|tape", "ebrfv", Seen::File, "tape/cassette.jsonl=response.completed"},
    {"--replay|none", "ebrfv", Seen::Fails, "none/cassette.jsonl cannot be read"},
    {"--replay-miss|append|--replay|none", "ebrfv", Seen::Fails, "none/cassette.jsonl cannot be read"},
    {"--replay-tools|--replay|none", "ebrfv", Seen::Fails, "none/cassette.jsonl cannot be read"},
    {"--replay-fault|x", "ebrfv", Seen::Fails, "the fault `x` is none"},
    {"--trust", "ebrfv", Seen::File, "../state/config.toml=trust_level"},
    {"--ephemeral", "ebrfv", Seen::NoLog},
    {"--ignore-user-config", "ebrfv", Seen::Fails, "key"},
    {"--ignore-rules", "ebrfv", Seen::Nothing},
    {"--thread-source|robot", "ebrfv", Seen::Nothing},
    {"--cyber-access-program|standard", "ebrfV", Seen::Nothing},
    {"--query|no_such|--json=protocol", "ebrfv", Seen::Fails, "query"},
    {"--max-requests|7", "ebrfv", Seen::Nothing},
    {"--max-tokens|1", "ebrfv", Seen::Nothing},
    {"--max-cost|1", "ebrfv", Seen::Nothing},
    {"--timeout|1h", "ebrfv", Seen::Nothing},
    {"--prompt-file|prompt.md", "ebrfv", Seen::Request, "of the file", true},
    {"-i|p.png", "oebrf", Seen::Request, "input_image"},
    {"--image|p.png", "oebrf", Seen::Request, "input_image"},
    {"--last", "r", Seen::Err, "session id:"},
    {"--all", "r", Seen::Err, "session id: ID"},
    {"--at-turn|1", "f", Seen::Nothing},
    {"--uncommitted", "v", Seen::Request, "Git does not track yet", true},
    {"--base|main", "v", Seen::Request, "main", true},
    {"--commit|HEAD", "v", Seen::Request, "HEAD", true},
    {"--title|A title|--commit|HEAD", "v", Seen::Request, "A title", true},
    {"-h", "oebrfv", Seen::Out, "Usage: nightshift"},
    {"--help", "oebrfv", Seen::Out, "Usage: nightshift"},
    {"-V", "oebrfv", Seen::Out, "nightshift "},
    {"--version", "oebrfv", Seen::Out, "nightshift "},
};

struct ConflictCase
{
    const char *one;
    const char *other;
    const char *places; ///< Where both may stand.
    const char *message = "cannot be used with";
};

inline constexpr ConflictCase conflictCases[] = {
    {"--yolo", "--approve-for-me", "oerfv"},
    {"-s|read-only", "--approve-for-me", "oerfv"},
    {"--yolo", "--full-auto", "oerfv"},
    {"--full-auto", "--approve-for-me", "oerfv"},
    {"--isolation|none", "--worktree", "oerfv"},
    {"--json", "--legacy-json", "erfv"},
    {"--prompt-file|prompt.md", "p", "erfv"},
    {"--uncommitted", "--base|a", "v"},
    {"--uncommitted", "--commit|a", "v"},
    {"--base|a", "--commit|a", "v"},
    {"--uncommitted", "look", "v"},
    {"--base|a", "look", "v"},
    {"--commit|a", "look", "v"},
    {"--title|t", "--uncommitted", "v", "--commit <SHA>"},
    {"--title|t", "look", "v", "--commit <SHA>"},
};

struct LineCase
{
    const char *line;
    int exitCode;
    Seen seen;
    const char *text;
};

inline constexpr LineCase lineCases[] = {
    // what does not exclude each other
    {"exec|--yolo|-s|read-only|p", 0, Seen::Err, "sandbox: danger-full-access"},
    {"-m|a|exec|-m|b|p", 0, Seen::Request, R"("model":"b")"},
    {"-m|a|exec|-m|b|resume|-m|c|ID|p", 0, Seen::Request, R"("model":"c")"},
    {"-c|model=a|exec|-c|model=b|p", 0, Seen::Request, R"("model":"b")"},
    {"exec|-c|model=a|-m|b|p", 0, Seen::Request, R"("model":"b")"},
    {"exec|--json|resume|--json|ID|p", 0, Seen::Out, R"({"type":"turn.completed")"},
    {"exec|--json|protocol", 0, Seen::Request, "protocol"},
    {"exec|-i|p.png|look", 0, Seen::Request, "look"},
    {"exec|-i|p.png,p.png|look", 0, Seen::Request, "[Image #2]"},
    {"exec|--image|p.png|resume|ID|look", 0, Seen::Request, "input_image"},
    {"exec|--|--json", 0, Seen::Request, "--json"},
    {"exec|--|resume", 0, Seen::Request, "resume"},
    {"e|look", 0, Seen::Request, "look"},
    {"exec|", 0, Seen::Request, R"("text":"")"},
    {"exec|of before|resume|ID", 0, Seen::Request, "of before"},
    {"exec|of before|resume|ID|of behind", 0, Seen::Request, "of behind"},
    {"exec|resume|--last|no-such-id|of behind", 0, Seen::Request, "of behind"},
    {"exec|resume|--last|of behind", 0, Seen::Request, "of behind"},
    {"exec|fork|ID", 0, Seen::Err, "session id:"},
    {"exec|review| only the docs ", 0, Seen::Request, R"("only the docs")"},
    {"exec|help|resume", 0, Seen::Out, "Usage: nightshift exec resume"},
    // given twice in one place
    {"exec|--json|--json|p", 2, Seen::Err, "cannot be used multiple times"},
    {"exec|-m|a|-m|b|p", 2, Seen::Err, "cannot be used multiple times"},
    {"exec|resume|--last|--last|p", 2, Seen::Err, "cannot be used multiple times"},
    // words too many or too few
    {"exec|a|b", 2, Seen::Err, "unexpected argument 'b' found"},
    {"exec|resume|a|b|c", 2, Seen::Err, "unexpected argument 'c' found"},
    {"exec|review|a|b", 2, Seen::Err, "unexpected argument 'b' found"},
    {"exec|fork", 2, Seen::Err, "<SESSION_ID>"},
    {"exec|fork|ID|-o|last.txt", 1, Seen::Err, "Forking with output options requires a prompt"},
    {"exec|fork|ID|--output-schema|schema.json", 1, Seen::Err, "Forking with output options requires a prompt"},
    {"exec|review", 1, Seen::Err, "Specify --uncommitted, --base, --commit, or provide custom review instructions"},
    {"exec|review|  ", 1, Seen::Err, "Specify --uncommitted"},
    {"exec|review|--cyber-access-program|standard|look", 1, Seen::Err, "--cyber-access-program"},
    {"exec", 1, Seen::Err, "No prompt provided via stdin."},
    {"exec|resume", 1, Seen::Err, "No prompt provided via stdin."},
    // values that are none
    {"exec|-m", 2, Seen::Err, "a value is required for '--model <MODEL>'"},
    {"exec|-m|--json", 2, Seen::Err, "a value is required for '--model <MODEL>'"},
    {"exec|--cd=|p", 2, Seen::Err, "a value is required for '--cd <DIR>'"},
    {"exec|--oss=yes|p", 2, Seen::Err, "unexpected value 'yes'"},
    {"exec|-s|loose|p", 2, Seen::Err, "read-only, workspace-write, danger-full-access"},
    {"exec|-a|always|p", 2, Seen::Err, "never, on-request"},
    {"exec|--color|red|p", 2, Seen::Err, "always, never, auto"},
    {"exec|--json=xml|p", 2, Seen::Err, "protocol, deltas"},
    {"exec|--isolation|some|p", 2, Seen::Err, "none, worktree, overlay, copy"},
    {"exec|-p|a/b|p", 2, Seen::Err, "'--profile <NAME>'"},
    {"exec|--max-requests|0|p", 2, Seen::Err, "a whole number above 0"},
    {"exec|--max-tokens|many|p", 2, Seen::Err, "a whole number above 0"},
    {"exec|--max-cost|-1|p", 2, Seen::Err, "--max-cost"},
    {"exec|--timeout|soon|p", 2, Seen::Err, "a time above 0"},
    {"exec|fork|ID|--at-turn|0|p", 2, Seen::Err, "a whole number above 0"},
    {"exec|--bogus|p", 2, Seen::Err, "unexpected argument '--bogus' found"},
    {"exec|-Z|p", 2, Seen::Err, "unexpected argument '-Z' found"},
    // what is not there
    {"exec|-i|none.png|p", 1, Seen::Err, "none.png"},
    {"exec|-p|none|p", 1, Seen::Err, "none.config.toml"},
    {"exec|-C|none|p", 1, Seen::Err, "none"},
    {"exec|--prompt-file|none.md", 1, Seen::Err, "none.md"},
    {"exec|--output-schema|none.json|p", 1, Seen::Err, "none.json"},
    {"exec|--output-schema|list.json|p", 1, Seen::Err, "list.json"},
    {"exec|-o|none/last.txt|p", 1, Seen::Err, "none/last.txt"},
    {"exec|resume|no-such|p", 1, Seen::Err, "no-such"},
    {"exec|fork|no-such|p", 1, Seen::Err, "no-such"},
    {"exec|fork|ID|--at-turn|99|p", 1, Seen::Err, "99"},
    {"exec|resume|00000000-0000-7000-8000-000000000000|p", 1, Seen::Err, "00000000-0000-7000-8000-000000000000"},
    {"exec|-c|=1|p", 1, Seen::Err, "=1"},
    {"exec|-c|model=3|p", 1, Seen::Err, "model"},
    {"exec|--query|tools|p", 2, Seen::Err, "--json=protocol"},
};

} // namespace nightshift::test
