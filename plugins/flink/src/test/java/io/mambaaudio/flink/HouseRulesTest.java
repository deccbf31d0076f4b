package io.mambaaudio.flink;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;

/** What a module descriptor would hold, if Flink's jars allowed one, and the rules of the house. */
final class HouseRulesTest {
    private static final String JOBS = "io.mambaaudio.flink.job..";

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.mambaaudio");

    @Test
    void theBridgeKnowsSpeechAndFlinkAndNothingElse() {
        classes()
                .that()
                .resideInAPackage("io.mambaaudio.flink..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.apache.flink..",
                        "org.apache.kafka.clients..",
                        "org.jspecify..",
                        "io.mambaaudio.flink..",
                        "io.mambaaudio.speech..",
                        "io.mambaaudio.engine..",
                        "io.mambaaudio.models..",
                        "io.mambaaudio.pretrained..")
                .because("this is what a module descriptor would require")
                .check(ALL);
    }

    @Test
    void nobodyKnowsTheBridgeOrFlink() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.mambaaudio.flink..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.mambaaudio.flink..", "org.apache.flink..", "org.apache.kafka..")
                .because("who needs no cluster downloads none")
                .check(ALL);
    }

    @Test
    void threadsAreFlinksOwn() {
        noClasses()
                .that()
                .resideInAPackage("io.mambaaudio.flink..")
                .should()
                .callConstructorWhere(target(owner(assignableTo(Thread.class))))
                .orShould()
                .dependOnClassesThat(assignableTo(ExecutorService.class))
                .because("Flink moves keys between its own threads")
                .check(ALL);
    }

    @Test
    void onlyTheJobsPrintAndExit() {
        noClasses()
                .that()
                .resideInAPackage("io.mambaaudio.flink..")
                .and()
                .resideOutsideOfPackage(JOBS)
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .because("a library returns values and throws")
                .check(ALL);
    }
}
