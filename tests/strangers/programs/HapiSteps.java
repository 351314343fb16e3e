// The steps as a user of the HAPI FHIR generic client writes them.
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.SearchStyleEnum;
import ca.uhn.fhir.rest.api.SearchTotalModeEnum;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.hl7.fhir.instance.model.api.IBaseBundle;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StringType;

public class HapiSteps {
  static final ObjectMapper JSON = new ObjectMapper();
  static final FhirContext R4 = FhirContext.forR4();
  static JsonNode told;
  static IGenericClient client;
  static Patient made;

  public static void main(String[] arguments) throws Exception {
    told = JSON.readTree(System.in);
    R4.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.ONCE);
    client = R4.newRestfulGenericClient(text("base"));
    run("capabilities", () -> client.capabilities().ofType(CapabilityStatement.class).execute()
        .getFhirVersion().toCode());
    run("read", () -> json(client.read().resource(Patient.class).withId(text("patient")).execute()));
    run("search_by_identifier", () -> ids(all(client.search().forResource(Patient.class)
        .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(
            text("identifier").split("\\|")[0], text("identifier").split("\\|")[1]))
        .returnBundle(Bundle.class).execute())));
    run("search_to_the_end", () -> ids(all(client.search().forResource(Encounter.class)
        .count(told.get("page").asInt()).returnBundle(Bundle.class).execute())));
    run("search_of_a_patient", () -> ids(all(client.search().forResource(Observation.class)
        .where(Observation.PATIENT.hasId(text("patient"))).count(told.get("page").asInt())
        .returnBundle(Bundle.class).execute())));
    run("include", () -> all(client.search().forResource(Encounter.class)
        .where(Encounter.PATIENT.hasId(text("patient"))).include(Encounter.INCLUDE_SUBJECT)
        .returnBundle(Bundle.class).execute())
        .stream().map(r -> r.fhirType() + "/" + r.getIdElement().getIdPart()).sorted().toList());
    run("search_posted", () -> ids(all(client.search().forResource(Observation.class)
        .where(Observation.PATIENT.hasId(text("patient"))).usingStyle(SearchStyleEnum.POST)
        .returnBundle(Bundle.class).execute())));
    run("count", () -> client.search().forResource(Observation.class)
        .where(Observation.PATIENT.hasId(text("patient"))).totalMode(SearchTotalModeEnum.ACCURATE).count(1)
        .returnBundle(Bundle.class).execute().getTotal());
    run("create", () -> {
      MethodOutcome outcome = client.create().resource(sent()).execute();
      made = (Patient) outcome.getResource();
      return outcome.getId().getVersionIdPart();
    });
    run("update", () -> {
      Patient patient = read(made);
      patient.setBirthDateElement(new DateType("1950-05-05"));
      MethodOutcome outcome = client.update().resource(patient).execute();
      return List.of(outcome.getId().getVersionIdPart(), read(made).getBirthDateElement().getValueAsString());
    });
    run("history", () -> client.history().onInstance(unversioned(made)).returnBundle(Bundle.class).execute()
        .getEntry().stream().map(e -> e.getResource().getMeta().getVersionId()).toList());
    run("history_of_type", () -> client.history().onType(Patient.class).returnBundle(Bundle.class)
        .count(3).execute().getEntry().size() == 3);
    run("history_of_server", () -> client.history().onServer().returnBundle(Bundle.class)
        .count(3).execute().getEntry().size() == 3);
    run("read_a_version", () -> client.read().resource(Patient.class)
        .withIdAndVersion(made.getIdElement().getIdPart(), "1").execute()
        .getBirthDateElement().getValueAsString());
    run("stale_update", () -> {
      Patient late = read(made);
      return failing(() -> client.update().resource(late).withAdditionalHeader("If-Match", "W/\"1\"").execute());
    });
    run("patch", () -> {
      Parameters patch = new Parameters();
      Parameters.ParametersParameterComponent operation = patch.addParameter().setName("operation");
      operation.addPart().setName("type").setValue(new CodeType("replace"));
      operation.addPart().setName("path").setValue(new StringType("Patient.gender"));
      operation.addPart().setName("value").setValue(new CodeType("male"));
      client.patch().withFhirPatch(patch).withId(unversioned(made)).execute();
      return read(made).getGender().toCode();
    });
    run("json_patch", () -> {
      String patch = "[{\"op\": \"replace\", \"path\": \"/gender\", \"value\": \"unknown\"}]";
      client.patch().withBody(patch).withId(unversioned(made)).execute();
      return read(made).getGender().toCode();
    });
    run("conditional_create", () -> client.create().resource(sent())
        .conditionalByUrl("Patient?identifier=" + text("token")).execute()
        .getId().getIdPart().equals(made.getIdElement().getIdPart()));
    run("conditional_update", () -> {
      Patient patient = sent();
      patient.setGender(AdministrativeGender.OTHER);
      MethodOutcome outcome = client.update().resource(patient)
          .conditionalByUrl("Patient?identifier=" + text("token")).execute();
      boolean same = outcome.getId().getIdPart().equals(made.getIdElement().getIdPart());
      return List.of(same, read(made).getGender().toCode());
    });
    run("transaction", () -> {
      Bundle answer = client.transaction().withBundle(bundle("transaction")).execute();
      String patient = new IdType(answer.getEntry().get(0).getResponse().getLocation()).getIdPart();
      String observation = new IdType(answer.getEntry().get(1).getResponse().getLocation()).getIdPart();
      return client.read().resource(Observation.class).withId(observation).execute()
          .getSubject().getReference().equals("Patient/" + patient);
    });
    run("rolled_back", () -> {
      String refused = failing(() -> client.transaction().withBundle(bundle("impossible")).execute());
      Bundle left = client.search().byUrl("Patient?identifier=" + text("impossible_token"))
          .returnBundle(Bundle.class).execute();
      return List.of(refused, left.getEntry().size());
    });
    run("batch", () -> client.transaction().withBundle(bundle("batch")).execute()
        .getEntry().stream().map(e -> e.getResponse().getStatus().substring(0, 3)).toList());
    run("everything", () -> {
      Parameters asked = new Parameters();
      asked.addParameter("_type", new StringType("Encounter"));
      Bundle answer = client.operation().onInstance(new IdType("Patient", text("patient")))
          .named("$everything").withParameters(asked).useHttpGet().returnResourceType(Bundle.class).execute();
      return ids(all(answer).stream().filter(r -> r instanceof Encounter).toList());
    });
    run("validate", () -> client.validate().resource(sent()).execute() != null);
    run("xml", () -> {
      IGenericClient other = R4.newRestfulGenericClient(text("base"));
      other.setEncoding(EncodingEnum.XML);
      return failing(() -> other.read().resource(Patient.class).withId(text("patient")).execute());
    });
    run("missing", () -> failing(() -> client.read().resource(Patient.class).withId("nobody").execute()));
    run("conditional_delete", () -> {
      client.delete().resourceConditionalByUrl("Patient?identifier=" + text("token")).execute();
      return failing(() -> read(made));
    });
    run("delete", () -> {
      Patient created = (Patient) client.create().resource(sent()).execute().getResource();
      client.delete().resource(created).execute();
      return failing(() -> read(created));
    });
  }

  static void run(String step, Callable<Object> call) throws Exception {
    Object value;
    try {
      value = call.call();
    } catch (Exception error) {
      value = error.toString();
    }
    System.out.println(JSON.writeValueAsString(Map.of("step", step, "value", value)));
  }

  static String failing(Callable<Object> call) throws Exception {
    try {
      return "nothing was raised: " + call.call();
    } catch (BaseServerResponseException error) {
      String body = error.getOperationOutcome() == null ? "nothing" : error.getOperationOutcome().fhirType();
      return error.getClass().getSimpleName() + " " + error.getStatusCode() + " " + body;
    }
  }

  static String text(String name) {
    return told.get(name).asText();
  }

  static Patient sent() throws Exception {
    return R4.newJsonParser().parseResource(Patient.class, JSON.writeValueAsString(told.get("sent")));
  }

  static Bundle bundle(String name) throws Exception {
    return R4.newJsonParser().parseResource(Bundle.class, JSON.writeValueAsString(told.get(name)));
  }

  static JsonNode json(Resource resource) throws Exception {
    return JSON.readTree(R4.newJsonParser().encodeResourceToString(resource));
  }

  static IdType unversioned(Patient patient) {
    return patient.getIdElement().toUnqualifiedVersionless();
  }

  static Patient read(Patient patient) {
    return client.read().resource(Patient.class).withId(patient.getIdElement().getIdPart()).execute();
  }

  static List<Resource> all(Bundle first) {
    List<Resource> found = new ArrayList<>();
    Bundle page = first;
    while (true) {
      page.getEntry().forEach(entry -> found.add(entry.getResource()));
      if (page.getLink(IBaseBundle.LINK_NEXT) == null) {
        return found;
      }
      page = client.loadPage().next(page).execute();
    }
  }

  static List<String> ids(List<? extends Resource> resources) {
    return resources.stream().map(r -> r.getIdElement().getIdPart()).sorted().toList();
  }
}
