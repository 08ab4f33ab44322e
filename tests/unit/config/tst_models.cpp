#include "config/modelcatalogue.h"
#include "configfixture.h"
#include "configtexts.h"
#include <QTest>

using namespace Qt::StringLiterals;
using namespace nightshift;

/// What is known of models, where it comes from, and what they cost.
class tst_Models : public QObject
{
    Q_OBJECT

private slots:
    void theCatalogueIsWellFormed();
    void findsAModelByItsNames_data();
    void findsAModelByItsNames();
    void knowsWhatTheReferenceKnows();
    void worksWithAnUnknownModel();
    void settingsOverrideTheCatalogue();
    void settingsMakeAModelKnown();
    void pricesNeedBothDirections();
    void listPricesAreThoseOfTheListOnly_data();
    void listPricesAreThoseOfTheListOnly();
    void computesCosts_data();
    void computesCosts();
    void addsUpCosts();
};

void tst_Models::theCatalogueIsWellFormed()
{
    const auto document = JsonDocument::parse(config::modelCatalogue);
    QVERIFY2(document, document ? "" : qPrintable(document.error().message));
    QStringList names;
    for (const JsonView model : document->root()["models"].items()) {
        names += model["slug"].toString();
        for (const JsonView alias : model["aliases"].items())
            names += alias.toString();
        QVERIFY2(model["context_window"].toInteger() > 0, qPrintable(names.last()));
        const JsonView prices = model["usd_per_million_tokens"];
        QVERIFY2(prices.exists() == (prices["input"].isNumber() && prices["output"].isNumber()),
                 qPrintable(names.last()));
    }
    QVERIFY(names.size() > 20);
    QCOMPARE(names.removeDuplicates(), 0);
}

void tst_Models::findsAModelByItsNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("known");
    QTest::newRow("slug") << u"gpt-oss:20b"_s << true;
    QTest::newRow("tagged") << u"qwen3-coder:latest"_s << true;
    QTest::newRow("vendor") << u"openai/gpt-5.5"_s << true;
    QTest::newRow("slug with a vendor") << u"openai/gpt-oss-20b"_s << true;
    QTest::newRow("alias") << u"claude-sonnet-4-5-20250929"_s << true;
    QTest::newRow("other tag") << u"gpt-oss:1b"_s << false;
    QTest::newRow("only a beginning") << u"gpt-5"_s << false;
}

void tst_Models::findsAModelByItsNames()
{
    QFETCH(const QString, name);
    QFETCH(const bool, known);
    const ModelInfo info = config::ModelCatalogue().info(name);
    QCOMPARE(info.known, known);
    QCOMPARE(info.slug, name);
}

void tst_Models::knowsWhatTheReferenceKnows()
{
    ConfigFixture fixture;
    const ModelInfo expected{
        .slug = u"gpt-6.1-sol"_s,
        .known = true,
        .contextWindow = 272'000,
        .freeformPatch = true,
        .originalImageDetail = true,
        .verbosity = true,
        .defaultReasoningEffort = u"low"_s,
        .defaultVerbosity = u"low"_s,
        .prices = ModelPrices{2, 0.1, 2.5, 10, 272'000, 2, 1.5},
    };
    QCOMPARE(fixture.settings().modelInfo, expected);
    QCOMPARE(fixture.settings().notices, QStringList());
}

void tst_Models::worksWithAnUnknownModel()
{
    ConfigFixture fixture;
    fixture.options.model = u"brand-new"_s;
    QCOMPARE(fixture.settings().modelInfo, ModelInfo{.slug = u"brand-new"_s});
    QCOMPARE(fixture.settings().notices.size(), 1);
}

void tst_Models::settingsOverrideTheCatalogue()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", R"(model = "gpt-6.1-sol"
[models."gpt-6.1-sol"]
context_window = 1000
images = false
freeform_patch = false
supports_verbosity = false
default_reasoning_effort = "high"
default_verbosity = "high"
price.cached_input = 0.05
[models.other]
context_window = 5
)");
    const ModelInfo expected{
        .slug = u"gpt-6.1-sol"_s,
        .known = true,
        .contextWindow = 1000,
        .images = false,
        .originalImageDetail = true,
        .defaultReasoningEffort = u"high"_s,
        .defaultVerbosity = u"high"_s,
        .prices = ModelPrices{2, 0.05, 2.5, 10, 272'000, 2, 1.5},
    };
    QCOMPARE(fixture.settings().modelInfo, expected);
}

void tst_Models::settingsMakeAModelKnown()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml",
                  "model = \"vendor/mine:latest\"\n[models.mine]\nprice = {input = 1, output = 2.5}\n");
    const ModelInfo expected{.slug = u"vendor/mine:latest"_s, .known = true, .prices = ModelPrices{1, 1, 1, 2.5}};
    QCOMPARE(fixture.settings().modelInfo, expected);
    QCOMPARE(fixture.settings().notices, QStringList());
}

void tst_Models::pricesNeedBothDirections()
{
    ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"mine\"\n[models.mine]\nprice.input = 1\n");
    QCOMPARE(fixture.error(),
             u"models.\"mine\".price needs `input` and `output`: the catalogue has no prices of this model"_s);
}

void tst_Models::listPricesAreThoseOfTheListOnly_data()
{
    QTest::addColumn<QString>("settings");
    QTest::addColumn<bool>("priced");
    const QString own = u"model_provider = \"a\"\n%1[model_providers.a]\nbase_url = \"http://a\"\n"_s;
    QTest::newRow("openai") << u""_s << true;
    QTest::newRow("another tier") << u"service_tier = \"fast\"\n"_s << false;
    QTest::newRow("a provider of one's own") << own.arg(QString()) << false;
    QTest::newRow("with prices of one's own")
        << own.arg(u"[models.\"gpt-5.5\"]\nprice = {input = 1, output = 2}\n"_s) << true;
}

void tst_Models::listPricesAreThoseOfTheListOnly()
{
    QFETCH(const QString, settings);
    QFETCH(const bool, priced);
    ConfigFixture fixture;
    fixture.write("home/config.toml", "model = \"gpt-5.5\"\n" + settings.toUtf8());
    QCOMPARE(fixture.settings().modelInfo.prices.has_value(), priced);
    const QString listed = u"price-table "_s + config::ModelCatalogue().pricesAsOf();
    QCOMPARE(fixture.load()->costSource, !priced ? QString() : settings.isEmpty() ? listed : u"settings"_s);
}

void tst_Models::computesCosts_data()
{
    QTest::addColumn<Usage>("usage");
    QTest::addColumn<double>("cost");
    QTest::newRow("nothing") << Usage{} << 0.0;
    QTest::newRow("all kinds") << Usage{1'000'000, 600'000, 100'000, 50'000, 10'000} << 0.3 * 2 + 0.06 + 0.25 + 0.5;
    QTest::newRow("at the step") << Usage{2'000'000, 0, 0, 0, 0} << 4.0;
    QTest::newRow("above the step") << Usage{2'000'001, 2'000'001, 0, 1'000'000, 0} << 2 * 0.2000001 + 15;
}

void tst_Models::computesCosts()
{
    QFETCH(const Usage, usage);
    QFETCH(const double, cost);
    QCOMPARE(costOf(usage, {2, 0.1, 2.5, 10, 2'000'000, 2, 1.5}), cost);
}

void tst_Models::addsUpCosts()
{
    Usage sum;
    sum += Usage{.inputTokens = 1, .costUsd = 0.1};
    sum += Usage{};
    sum += Usage{.inputTokens = 1, .costUsd = 0.2};
    QCOMPARE(sum, (Usage{.inputTokens = 2, .costUsd = 0.3}));
    sum += Usage{.inputTokens = 1}; // of a model without a price
    QCOMPARE(sum, Usage{.inputTokens = 3});
    sum += Usage{.inputTokens = 1, .costUsd = 0.2};
    QCOMPARE(sum, Usage{.inputTokens = 4});
}

QTEST_APPLESS_MAIN(tst_Models)
#include "tst_models.moc"
