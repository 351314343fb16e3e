import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.StringType;

/**
 * The validation engine of HL7 behind the command line of its validator: FILE... -version 4.0.1 -output OUT.
 *
 * <p>Everything it knows of R4 comes from its own libraries; other options (-tx, -ig...) are not taken.
 */
public final class OfficialValidator {
  private static final String FILE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-file";

  private OfficialValidator() {}

  /** Validate each file and write one OperationOutcome for each, in a Bundle. */
  public static void main(String[] arguments) throws Exception {
    List<Path> files = new ArrayList<>();
    Path out = null;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "-version", "-tx" -> i++;
        case "-output" -> out = Path.of(arguments[++i]);
        default -> files.add(Path.of(arguments[i]));
      }
    }
    FhirContext context = FhirContext.forR4Cached();
    FhirInstanceValidator engine =
        new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context),
                new SnapshotGeneratingValidationSupport(context)));
    engine.setAnyExtensionsAllowed(true);
    engine.setErrorForUnknownProfiles(false);
    FhirValidator validator = context.newValidator().registerValidatorModule(engine);
    Bundle results = new Bundle();
    results.setType(Bundle.BundleType.COLLECTION);
    for (Path file : files) {
      OperationOutcome found = validated(validator, Files.readString(file));
      found.addExtension(FILE, new StringType(file.toString()));
      results.addEntry().setResource(found);
    }
    Files.writeString(out, context.newJsonParser().encodeResourceToString(results));
  }

  private static OperationOutcome validated(FhirValidator validator, String resource) {
    try {
      return (OperationOutcome) validator.validateWithResult(resource).toOperationOutcome();
    } catch (RuntimeException unreadable) {
      OperationOutcome outcome = new OperationOutcome();
      outcome
          .addIssue()
          .setSeverity(OperationOutcome.IssueSeverity.FATAL)
          .setCode(OperationOutcome.IssueType.STRUCTURE)
          .addExpression(unreadable.getClass().getSimpleName());
      return outcome;
    }
  }
}
