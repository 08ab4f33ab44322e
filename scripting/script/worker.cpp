#include "script/worker.h"
#include "jstexts.h"
#include "script/loadscript.h"
#include <QDir>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QTimer>
#include <mutex>

using namespace Qt::StringLiterals;

namespace nightshift::script {

namespace {

/// The engine warns of every variable that a bundler hoisted, rightly and needlessly.
void quietEngine()
{
    static std::once_flag once;
    std::call_once(once, [] {
        static QLoggingCategory::CategoryFilter usual = nullptr;
        usual = QLoggingCategory::installFilter([](QLoggingCategory *category) {
            if (usual)
                usual(category);
            if (qstrcmp(category->categoryName(), "qt.qml.usedbeforedeclared") == 0)
                category->setEnabled(QtWarningMsg, false);
        });
    });
}

} // namespace

Worker::Worker(ScriptPlan plan, ScriptThread &owner)
    : m_plan(std::move(plan))
    , m_owner(owner)
    , m_mailbox(std::make_shared<Mailbox>(this))
{}

Worker::~Worker()
{
    m_mailbox->close();
    const QMutexLocker lock(&m_interruption);
    m_runtime = m_drain = QJSValue();
    m_engine.reset();
}

void Worker::interrupt(int call)
{
    const QMutexLocker lock(&m_interruption);
    if (m_engine && m_running == call)
        m_engine->setInterrupted(true);
    else if (call > m_lastCall)
        m_stillborn.insert(call);
}

void Worker::cancel()
{
    const QMutexLocker lock(&m_interruption);
    m_canceled = true;
    if (m_engine)
        m_engine->setInterrupted(true);
    post([this] { finish(failed(Failure::Kind::Canceled, u"the script was cancelled"_s)); });
}

QJSValue Worker::evaluateInternal(const char *text)
{
    return m_engine->evaluate(QString::fromUtf8(text), QLatin1StringView(internalName));
}

void Worker::prepare()
{
    quietEngine();
    auto engine = std::make_unique<QJSEngine>();
    {
        const QMutexLocker lock(&m_interruption);
        m_engine = std::move(engine);
        m_engine->setInterrupted(m_canceled);
    }
    QJSEngine::setObjectOwnership(this, QJSEngine::CppOwnership);
    const QJSValue native = m_engine->newQObject(this), global = m_engine->globalObject();
    evaluateInternal(polyfillsScript).call({global});
    const QJSValue unhandledHere = evaluateInternal("(native => error => native.unhandled(error))").call({native});
    const QJSValue promises = evaluateInternal(promiseScript).call({unhandledHere});
    m_runtime = evaluateInternal(runtimeScript).call({native, global, promises});
    m_drain = m_runtime.property(u"drain"_s);
}

void Worker::run()
{
    m_origins.folder = QFileInfo(m_plan.path).canonicalPath();
    m_origins.current = QDir::currentPath();
    prepare();
    if (const Outcome started = loadAndStart(); !started && !m_engine->isInterrupted())
        finish(started);
}

/// What stands in the way of calling the default function, or null when it was called or none is needed.
Outcome Worker::loadAndStart()
{
    const QJSValue host = m_runtime.property(u"host"_s);
    const QJSValue args = evaluateInternal("(text => JSON.parse(text))").call({QString::fromUtf8(m_plan.args.text)});
    const QJSValue exports = evaluateInternal(m_plan.host.source.constData()).call({host, args});
    if (exports.isError())
        return std::unexpected(failureOf(exports));
    const QJSValue require = evaluateInternal("(exports => name => { if (name === 'nightshift') return exports; throw "
                                              "new Error('there is no module ' + name); })");
    m_engine->globalObject().setProperty(u"require"_s, require.call({exports}));
    const auto loaded = loadScript(*m_engine, m_plan.path, exports, m_origins, m_plan.readable);
    if (!loaded)
        return std::unexpected(loaded.error());
    const QJSValue main = loaded->property(u"default"_s);
    if (main.isCallable())
        enter(u"start"_s, {mainCall, main, QString::fromUtf8(m_plan.args.text)}, mainCall);
    else if (m_plan.main == ScriptPlan::Main::Needed)
        return failed(Failure::Kind::Script,
                      m_origins.shown(m_plan.path) +
                          u": a script exports a default function: export default function ({ args }) { … }"_s);
    else
        finish(json::null());
    return json::null();
}

/// The one way into JavaScript: whatever was called, what it left to do is done at once.
void Worker::enter(const QString &function, const QJSValueList &args, int call)
{
    {
        const QMutexLocker lock(&m_interruption);
        if (m_canceled)
            return;
        m_running = call;
        m_engine->setInterrupted(false);
    }
    const QJSValue called = m_runtime.property(function).call(args);
    const QJSValue drained = m_engine->isInterrupted() ? QJSValue() : m_drain.call();
    const bool interrupted = m_engine->isInterrupted();
    {
        const QMutexLocker lock(&m_interruption);
        m_running = noCall;
    }
    for (const QJSValue &result : {called, drained}) {
        if (result.isError() && !interrupted)
            unhandled(result);
    }
}

void Worker::call(int id, const QByteArray &name, const RawJson &args)
{
    {
        const QMutexLocker lock(&m_interruption);
        m_lastCall = id;
        if (m_stillborn.erase(id) > 0)
            return;
    }
    enter(u"call"_s, {id, QString::fromUtf8(name), QString::fromUtf8(args.text)}, id);
}

void Worker::emitEvent(const QByteArray &channel, const RawJson &event)
{
    enter(u"emit"_s, {QString::fromUtf8(channel), QString::fromUtf8(event.text)});
}

void Worker::print(const QString &text)
{
    if (m_plan.print)
        QMetaObject::invokeMethod(&m_owner, [print = m_plan.print, text] { print(text); }, Qt::QueuedConnection);
}

QString Worker::describe(const QJSValue &error) const
{
    return failureOf(error).text();
}

void Worker::startTimer(int id, double ms)
{
    QTimer::singleShot(std::chrono::milliseconds(qint64(qBound(0.0, ms, 1e12))), this,
                       [this, id] { enter(u"fire"_s, {id}); });
}

QString Worker::now(const QString &name, const QString &json)
{
    const auto function = m_plan.host.now.find(name.toUtf8());
    if (function == m_plan.host.now.end()) {
        m_engine->throwError(u"there is no "_s + name);
        return {};
    }
    const auto argument = JsonDocument::parse(json.toUtf8());
    const auto result = function->second(argument ? argument->root() : JsonView());
    if (!result)
        m_engine->throwError(result.error().message);
    return result ? QString::fromUtf8(result->text) : QString();
}

void Worker::later(int id, const QString &name, const QString &json)
{
    const auto function = m_plan.host.later.find(name.toUtf8());
    const Answer answer = [mailbox = m_mailbox, this, id](const Result<RawJson> &result) {
        mailbox->post([this, id, result] {
            enter(u"settle"_s,
                  {id, result.has_value(), QString::fromUtf8(result ? result->text : result.error().message.toUtf8())});
        });
    };
    if (function == m_plan.host.later.end())
        return answer(fail(Error::Kind::NotFound, u"there is no "_s + name));
    QMetaObject::invokeMethod(
        &m_owner, [call = function->second, argument = RawJson{json.toUtf8()}, answer] { call(argument, answer); },
        Qt::QueuedConnection);
}

void Worker::answered(int id, const QString &json)
{
    answer(id, RawJson{json.toUtf8()});
}

void Worker::threw(int id, const QJSValue &error)
{
    answer(id, std::unexpected(failureOf(error)));
}

/// Nobody handled it: the script is at its end, or if its default function has ended, what it did was done in vain.
void Worker::unhandled(const QJSValue &error)
{
    if (m_finished)
        return print(failureOf(error).text());
    finish(std::unexpected(failureOf(error)));
}

void Worker::answer(int id, const Outcome &outcome)
{
    if (id == mainCall)
        return finish(outcome);
    QMetaObject::invokeMethod(
        &m_owner, [owner = &m_owner, id, outcome] { owner->onAnswered(id, outcome); }, Qt::QueuedConnection);
}

void Worker::finish(const Outcome &outcome)
{
    if (std::exchange(m_finished, true))
        return;
    QMetaObject::invokeMethod(
        &m_owner, [owner = &m_owner, outcome] { owner->onFinished(outcome); }, Qt::QueuedConnection);
}

Failure Worker::failureOf(const QJSValue &error) const
{
    const QString what = error.isError() || !error.isObject() ? error.toString() : u"an object was thrown"_s;
    return describeThrown(error.isError() ? what : u"thrown: "_s + what, error.property(u"stack"_s).toString(),
                          m_origins);
}

} // namespace nightshift::script
