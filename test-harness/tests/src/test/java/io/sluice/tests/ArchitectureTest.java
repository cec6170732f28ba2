package io.sluice.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the modules run one way: cli, agent → control → bridge → policy. */
@AnalyzeClasses(packages = "io.sluice", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String POLICY = "io.sluice.policy..";
    private static final String BRIDGE = "io.sluice.bridge..";
    private static final String CONTROL = "io.sluice.control..";
    private static final String EXPORTER = "io.sluice.exporter..";
    private static final String CLI = "io.sluice.cli..";
    private static final String AGENT = "io.sluice.agent..";
    private static final String SIMULATOR = "io.sluice.simulator..";
    private static final String DEMO = "io.sluice.demo..";
    private static final String BENCH = "io.sluice.bench..";

    @ArchTest
    static final ArchRule policyKnowsNobody = noClasses()
            .that()
            .resideInAPackage(POLICY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(BRIDGE, CONTROL, CLI, AGENT, SIMULATOR, DEMO, BENCH, "com.sun.jna..");

    @ArchTest
    static final ArchRule bridgeKnowsPolicyOnly = noClasses()
            .that()
            .resideInAPackage(BRIDGE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CONTROL, CLI, AGENT, SIMULATOR, DEMO, BENCH);

    @ArchTest
    static final ArchRule controlKnowsNoCommand = noClasses()
            .that()
            .resideInAPackage(CONTROL)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(EXPORTER, CLI, AGENT, SIMULATOR, DEMO, BENCH, "io.prometheus..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule exporterKnowsNoCommand = noClasses()
            .that()
            .resideInAPackage(EXPORTER)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CLI);

    @ArchTest
    static final ArchRule commandsKnowNoTestHarness = noClasses()
            .that()
            .resideInAnyPackage(CLI, EXPORTER)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(AGENT, SIMULATOR, DEMO, BENCH)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule agentKnowsNoCommandAndNoTestHarness = noClasses()
            .that()
            .resideInAPackage(AGENT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CLI, SIMULATOR, DEMO, BENCH);

    /** They are on the application's class path, and run on JVMs that are too old for all else. */
    @ArchTest
    static final ArchRule agentsBootClassesKnowTheJdkAlone = noClasses()
            .that()
            .resideInAPackage("io.sluice.agent.boot..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("io.sluice.agent.boot..", "java..", "org.jspecify..");

    /** It is the judge of what Sluice does, so it knows the description of the driver API and nothing else. */
    @ArchTest
    static final ArchRule simulatorKnowsTheApiDescriptionOnly = noClasses()
            .that()
            .resideInAPackage(SIMULATOR)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    POLICY,
                    CONTROL,
                    CLI,
                    AGENT,
                    DEMO,
                    BENCH,
                    "io.sluice.bridge.ledger..",
                    "io.sluice.bridge.generator..");

    @ArchTest
    static final ArchRule demoKnowsNothingOfSluice = noClasses()
            .that()
            .resideInAPackage(DEMO)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(POLICY, BRIDGE, CONTROL, CLI, AGENT, SIMULATOR, BENCH)
            .allowEmptyShould(true);
}
