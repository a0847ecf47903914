import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { Deployment } from "kubernetes-models/apps/v1";
import { Job } from "kubernetes-models/batch/v1";
import { ConfigMap, PersistentVolumeClaim, Service } from "kubernetes-models/v1";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { rootDir } from "../scripts/workspace.mjs";

const folder = path.join(rootDir, "docker/kubernetes");

/** As much of a manifest as the tests look at. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec?: any;
}

const manifests = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(path.join(folder, file), "utf8")).map((document) => ({ file, manifest: document.toJS() as Manifest })),
);
const named = manifests.map(({ file, manifest }) => [`${file}: ${manifest.kind} ${manifest.metadata.name}`, manifest] as const);
const find = (kind: string, name: string): Manifest | undefined =>
  manifests.map(({ manifest }) => manifest).find((one) => one.kind === kind && one.metadata.name === name);

const MODELS = { ConfigMap, Deployment, Job, PersistentVolumeClaim, Service, ServiceMonitor } as const;

const modelOf = (manifest: Manifest) => {
  const model = MODELS[manifest.kind as keyof typeof MODELS];
  expect(model.apiVersion).toBe(manifest.apiVersion);
  return new model(manifest as any);
};

describe("the manifests for Kubernetes", () => {
  test.each(named)("%s is as the API has it", (_, manifest) => {
    expect(() => modelOf(manifest).validate()).not.toThrow();
  });

  test("would be found wrong if they were", () => {
    const job = find("Job", "lens-load");
    expect(() => modelOf({ ...(job as Manifest), spec: { ...job?.spec, completions: "eight" } }).validate()).toThrow(/completions/);
  });

  const pods = named.flatMap(([name, { spec }]) => (spec?.template === undefined ? [] : [[name, spec.template.spec] as const]));

  test.each(pods)("%s holds to the restricted standard for the security of pods", (_, pod) => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: "RuntimeDefault" } },
    });
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(container.image).toMatch(/:\d+\.\d+\.\d+$/);
      expect(container.resources).toMatchObject({ requests: { cpu: expect.any(String) }, limits: { memory: expect.any(String) } });
      const volumes = pod.volumes.map((volume: { name: string }) => volume.name);
      expect(container.volumeMounts.map((mount: { name: string }) => mount.name)).toEqual(volumes);
    }
  });

  // Or the pods of a cluster with a Service named `lens` would find settings that nobody made.
  test.each(pods)("%s is told of no Service by its environment", (_, pod) => {
    expect(pod.enableServiceLinks).toBe(false);
  });

  test("lead Prometheus to the monitor, under the name that the rules have for it", () => {
    const labels = find("Deployment", "lens-monitor")?.spec.template.metadata.labels;
    const service = find("Service", "lens-monitor");
    expect(labels).toMatchObject(service?.spec.selector);
    expect(service?.metadata.labels).toMatchObject(find("ServiceMonitor", "lens-monitor")?.spec.selector.matchLabels);
    const [port] = find("ServiceMonitor", "lens-monitor")?.spec.endpoints ?? [];
    expect(service?.spec.ports).toEqual([{ name: port.port, port: 9464, targetPort: "metrics" }]);
    const prometheus = readFileSync(path.join(rootDir, "monitoring/prometheus/prometheus.yml"), "utf8");
    expect(prometheus).toContain(`job_name: ${service?.metadata.name}\n`);
  });
});
