#pragma once
#include "llm/cassette.h"
#include "tools/toolbox.h"

namespace nightshift::engine {

/// What the commands of a run answered, kept beside what its model said, and told again without running them.
class ToolTape
{
public:
    /// Where it lies and what it is for; plain, for it crosses the borders of modules.
    struct Place
    {
        QString folder; ///< Of cassette.jsonl.
        enum class Use {
            Record,
            Replay,      ///< What was not recorded is an answer that says so,
            ReplayOrRun, ///< or runs.
        };
        Use use = Use::Record;
        llm::FolderNames folders;
        QByteArrayList secrets;
    };
    static Result<std::shared_ptr<ToolTape>> open(Place place);

    /// From now on the commands of this box are kept, or answered. The box lives no longer than this.
    void equip(tools::ToolBox &box);

    /// One call and what came of it.
    struct Call
    {
        CallId id;
        QString name;
        QByteArray arguments;
        std::vector<Event> events; ///< Told while it was under way.
        RawJson output;
    };
    void keep(const Call &call);
    /// Each is taken once; that with the same id first.
    std::optional<Call> take(const ToolCall &call);
    Place::Use use() const { return m_place.use; }

private:
    explicit ToolTape(Place place)
        : m_place(std::move(place))
    {}
    const Place m_place;
    std::vector<Call> m_calls; ///< Not taken yet.
};

} // namespace nightshift::engine
