package io.mambaaudio.demo;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The rules of the house that module descriptors can't hold. Each has a reason, in its {@code because}. */
final class HouseRulesTest {
    private static final String BASE = "io.mambaaudio.";
    private static final String DSP = BASE + "dsp..";
    private static final String MODELS = BASE + "models..";
    private static final String ENGINE = BASE + "engine..";
    private static final String DEMO = BASE + "demo..";

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.mambaaudio");

    @Test
    void allModulesAreLookedAt() {
        Set<String> modules = OURS.stream()
                .map(JavaClass::getPackageName)
                .map(name -> name.substring(BASE.length()).replaceAll("\\..*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(
                modules.containsAll(Set.of("dsp", "models", "engine", "formats", "speech", "pretrained", "demo")),
                modules.toString());
    }

    @Test
    void theThreeLeavesDoNotKnowEachOther() {
        for (String leaf : Set.of(DSP, MODELS, ENGINE)) {
            noClasses()
                    .that(resideInAPackage(leaf))
                    .should()
                    .dependOnClassesThat(resideInAPackage("io.mambaaudio..").and(resideOutsideOfPackages(leaf)))
                    .because("only plugins combine sound, models and devices")
                    .check(OURS);
        }
    }

    @Test
    void nobodyKnowsTheDemo() {
        noClasses()
                .that(resideOutsideOfPackages(DEMO))
                .should()
                .dependOnClassesThat(resideInAPackage(DEMO))
                .because("libraries do not depend on an application")
                .check(OURS);
    }

    @Test
    void onlyTheEngineCreatesThreads() {
        onlyTheEngineCreatesThreadsRule().check(OURS);
    }

    /** Interruption is the exception that the JVM forces: a shutdown hook is a thread. */
    private static ArchRule onlyTheEngineCreatesThreadsRule() {
        return noClasses()
                .that(resideOutsideOfPackages(ENGINE))
                .and()
                .doNotHaveFullyQualifiedName(Interruption.class.getName())
                .should()
                .callConstructorWhere(target(owner(assignableTo(Thread.class))))
                .orShould()
                .callMethod(Thread.class, "ofVirtual")
                .orShould()
                .callMethod(Thread.class, "ofPlatform")
                .orShould()
                .dependOnClassesThat(assignableTo(ExecutorService.class))
                .orShould()
                .dependOnClassesThat(assignableTo(ForkJoinPool.class))
                .because("real time needs to know every thread; hand in an executor or a processor instead");
    }

    @Test
    void onlyTheDemoPrintsExitsAndReadsTheEnvironment() {
        noClasses()
                .that(resideOutsideOfPackages(DEMO))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .orShould()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .because("a library returns values and throws; the application talks to the user")
                .check(OURS);
    }

    @Test
    void theVectorApiStaysInOnePackageOfModelsAndInDsp() {
        Set<String> users = packagesThatUse("jdk.incubator.vector");
        users.removeIf(name -> name.startsWith(BASE + "dsp"));
        assertTrue(users.size() <= 1, "one package of models may use the incubating API, found " + users);
        assertTrue(users.stream().allMatch(name -> name.startsWith(BASE + "models.")), users.toString());
    }

    @Test
    void jcudaStaysInOnePackageOfModels() {
        Set<String> users = packagesThatUse("jcuda");
        assertTrue(users.size() <= 1, "one package of models may use JCuda, found " + users);
        assertTrue(users.stream().allMatch(name -> name.startsWith(BASE + "models.")), users.toString());
    }

    private static Set<String> packagesThatUse(String api) {
        return OURS.stream()
                .filter(type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(use -> use.getTargetClass().getPackageName().startsWith(api)))
                .map(JavaClass::getPackageName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void nothingStaticChanges() {
        fields().that(modifier(JavaModifier.STATIC).as("are static"))
                .and()
                .doNotHaveModifier(JavaModifier.SYNTHETIC)
                .should()
                .beFinal()
                .because("several streams run in one process, and state belongs to one of them")
                .check(OURS);
    }

    @Test
    void librariesLogThroughTheSystemLogger() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache.logging.."))
                .because("System.Logger lets the application choose")
                .check(OURS);
    }

    @Test
    void aClassThatNobodyExtendsIsFinal() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .and()
                .areNotAnonymousClasses()
                .and()
                .areNotEnums()
                .and(DescribedPredicate.describe(
                        "nobody extends", type -> type.getSubclasses().isEmpty()))
                .should()
                .haveModifier(JavaModifier.FINAL)
                .because("inheritance is designed, not left open")
                .check(OURS);
    }

    @Test
    void theRulesBiteWhenTheyAreBroken() {
        JavaClasses bad = new ClassFileImporter().importClasses(StartsAThread.class);
        assertThrows(
                AssertionError.class, () -> onlyTheEngineCreatesThreadsRule().check(bad));
    }

    /** The negative control of {@link #onlyTheEngineCreatesThreads}. */
    static final class StartsAThread {
        Thread thread() {
            return new Thread(() -> {});
        }
    }
}
