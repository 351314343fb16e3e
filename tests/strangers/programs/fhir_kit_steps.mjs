// The steps as a user of fhir-kit-client writes them.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(process.argv[2], "node_modules", "fhir-kit-client");
const { main } = createRequire(import.meta.url)(join(folder, "package.json"));
const { Client } = await import(pathToFileURL(join(folder, main)));

const told = JSON.parse(readFileSync(0, "utf8"));
const client = new Client({ baseUrl: told.base });
const entries = (bundle) => bundle.entry ?? [];
const ids = (resources) => resources.map((resource) => resource.id).sort();
let made;

async function all(resourceType, searchParams) {
  const found = [];
  let bundle = await client.search({ resourceType, searchParams });
  while (bundle) {
    found.push(...entries(bundle).map((entry) => entry.resource));
    bundle = await client.nextPage({ bundle });
  }
  return found;
}

async function failing(call) {
  try {
    return `nothing was raised: ${JSON.stringify(await call())}`;
  } catch (error) {
    return `${error.constructor.name} ${error.response?.status} ${error.response?.data?.resourceType}`;
  }
}

const readMade = () => client.read({ resourceType: "Patient", id: made.id });

const steps = {
  capabilities: async () => (await client.capabilityStatement()).fhirVersion,
  read: () => client.read({ resourceType: "Patient", id: told.patient }),
  search_by_identifier: async () => ids(await all("Patient", { identifier: told.identifier })),
  search_to_the_end: async () => ids(await all("Encounter", { _count: told.page })),
  search_of_a_patient: async () => ids(await all("Observation", { patient: told.patient, _count: told.page })),
  search_posted: async () => {
    const searchParams = { patient: told.patient, _count: 1000 };
    const bundle = await client.search({ resourceType: "Observation", searchParams, options: { postSearch: true } });
    return ids(entries(bundle).map((entry) => entry.resource));
  },
  search_a_compartment: async () => {
    const compartment = { resourceType: "Patient", id: told.patient };
    return failing(() => client.search({ resourceType: "Encounter", compartment }));
  },
  page_back: async () => {
    const first = await client.search({ resourceType: "Encounter", searchParams: { _count: told.page } });
    const second = await client.nextPage({ bundle: first });
    const back = await client.prevPage({ bundle: second });
    return back ? JSON.stringify(back.entry) === JSON.stringify(first.entry) : "no previous link";
  },
  include: async () => {
    const found = await all("Encounter", { patient: told.patient, _include: "Encounter:subject" });
    return found.map((resource) => `${resource.resourceType}/${resource.id}`).sort();
  },
  create: async () => {
    made = await client.create({ resourceType: "Patient", body: told.sent });
    return made.meta.versionId;
  },
  update: async () => {
    const body = { ...(await readMade()), birthDate: "1950-05-05" };
    const kept = await client.update({ resourceType: "Patient", id: made.id, body });
    return [kept.meta.versionId, kept.birthDate];
  },
  history: async () => {
    const bundle = await client.history({ resourceType: "Patient", id: made.id });
    return entries(bundle).map((entry) => entry.resource.meta.versionId);
  },
  history_of_type: async () => entries(await client.history({ resourceType: "Patient" })).length > 2,
  history_of_server: async () => entries(await client.history()).length > 2,
  read_a_version: async () =>
    (await client.vread({ resourceType: "Patient", id: made.id, version: "1" })).birthDate,
  stale_update: async () => {
    const options = { headers: { "If-Match": 'W/"1"' } };
    const body = await readMade();
    return failing(() => client.update({ resourceType: "Patient", id: made.id, body, options }));
  },
  patch: async () => {
    const jsonPatch = [{ op: "replace", path: "/gender", value: "male" }];
    return (await client.patch({ resourceType: "Patient", id: made.id, jsonPatch })).gender;
  },
  conditional_create: async () => {
    const options = { headers: { "If-None-Exist": `identifier=${told.token}` } };
    return (await client.create({ resourceType: "Patient", body: told.sent, options })).id === made.id;
  },
  conditional_update: async () => {
    const body = { ...told.sent, gender: "other" };
    const kept = await client.update({ resourceType: "Patient", searchParams: { identifier: told.token }, body });
    return [kept.id === made.id, kept.gender];
  },
  transaction: async () => {
    const answer = await client.transaction({ body: told.transaction });
    const [patient, observation] = answer.entry.map((entry) => entry.response.location.split("/_history")[0]);
    const kept = await client.read({ resourceType: "Observation", id: observation.split("/").pop() });
    return kept.subject.reference === `Patient/${patient.split("/").pop()}`;
  },
  rolled_back: async () => {
    const refused = await failing(() => client.transaction({ body: told.impossible }));
    return [refused, (await all("Patient", { identifier: told.impossible_token })).length];
  },
  batch: async () =>
    (await client.batch({ body: told.batch })).entry.map((entry) => entry.response.status.slice(0, 3)),
  everything: async () => {
    const asked = { resourceType: "Patient", id: told.patient, method: "GET", input: { _type: "Encounter" } };
    const bundle = await client.operation({ name: "everything", ...asked });
    return ids(entries(bundle).map((entry) => entry.resource).filter((r) => r.resourceType === "Encounter"));
  },
  missing: () => failing(() => client.read({ resourceType: "Patient", id: "nobody" })),
  conditional_delete: async () => {
    await client.request(`Patient?identifier=${encodeURIComponent(told.token)}`, { method: "DELETE" });
    return failing(readMade);
  },
  delete: async () => {
    const { id } = await client.create({ resourceType: "Patient", body: told.sent });
    await client.delete({ resourceType: "Patient", id });
    return failing(() => client.read({ resourceType: "Patient", id }));
  },
};

for (const [step, call] of Object.entries(steps)) {
  let value;
  try {
    value = await call();
  } catch (error) {
    value = `${error}: ${JSON.stringify(error.response?.data)}`;
  }
  process.stdout.write(`${JSON.stringify({ step, value })}\n`);
}
