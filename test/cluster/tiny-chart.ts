/** A small chart around the tiny server of the contract suite. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Repository of the tiny images. */
export const REPOSITORY = '127.0.0.1:5000/belay-cluster/web';

/** A value that the application logs and that must not come out. */
export const SECRET = 'correct-horse-battery';

const POD = `
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: "IMAGE"
          command: [sh, -c, 'echo logged:$WEB_PASSWORD; [ "$(cat /www/version)" != exits ] || exit 1; exec httpd -f -p 8080 -h /www']
          env:
            - name: WEB_PASSWORD
              valueFrom: {secretKeyRef: {name: NAME-web, key: password}}
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /version, port: http}, periodSeconds: 1}`;

/** The objects of one instance, as YAML; `image` and `name` may be template expressions. */
export function tinyObjects({ name, image, extra = '' }: TinyOptions): string {
  const pod = POD.replaceAll('IMAGE', image).replaceAll('NAME', name);
  return `apiVersion: v1
kind: Secret
metadata: {name: ${name}-web, labels: {app: ${name}}}
stringData: {password: ${SECRET}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}-web, labels: {app: ${name}}}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}-web, labels: {app: ${name}}}
spec:
  replicas: 1
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:${pod}
${extra === '' ? '' : `---\n${extra}`}`;
}

/** What varies. */
export interface TinyOptions {
  readonly name: string;
  readonly image: string;
  /** Further documents, as YAML. */
  readonly extra?: string;
}

/** Writes the chart into `folder`; further templates by their file name. */
export async function writeTinyChart(
  folder: string,
  templates: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(join(folder, 'templates'), { recursive: true });
  const image = '{{ .Values.image.repository }}:{{ .Values.image.tag }}';
  const files = {
    'Chart.yaml': 'apiVersion: v2\nname: tiny\nversion: 0.1.0\nappVersion: "1"\n',
    'values.yaml': `image: {repository: "${REPOSITORY}", tag: "1"}\nword: one\n`,
    'templates/web.yaml': tinyObjects({ name: '{{ .Release.Name }}', image }).replaceAll(
      '{name: {{ .Release.Name }}-web',
      '{name: "{{ .Release.Name }}-web"',
    ),
    ...Object.fromEntries(
      Object.entries(templates).map(([name, text]) => [`templates/${name}`, text]),
    ),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
