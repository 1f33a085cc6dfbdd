{{- define "interlock.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "interlock.selector" -}}
app.kubernetes.io/name: interlock
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "interlock.labels" -}}
{{ include "interlock.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "interlock.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "interlock.name" .) -}}
{{- end -}}

{{- define "interlock.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* What every pod has. Called with the root as .root, and .account: whether the pod may use the service account. */}}
{{- define "interlock.pod" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .account }}
serviceAccountName: {{ include "interlock.serviceAccount" .root }}
{{- end }}
# the service never asks Kubernetes anything
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: data
    emptyDir: { sizeLimit: 64Mi }
  - name: tmp
    emptyDir: { sizeLimit: 256Mi }
  {{- with .root.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "interlock.container" -}}
image: {{ include "interlock.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
envFrom:
  - secretRef: { name: {{ .Values.existingSecret }} }
volumeMounts:
  - { name: data, mountPath: /data }
  - { name: tmp, mountPath: /tmp }
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "interlock.env" -}}
- { name: NODE_ENV, value: production }
- { name: DATA_DIR, value: /data }
{{- range $name, $value := .Values.config }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{/* A Deployment's pod: called with .root, .role and .values, those of the role. */}}
{{- define "interlock.process" -}}
metadata:
  labels:
    {{- include "interlock.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
  {{- with .root.Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  # the process ends by itself before that
  terminationGracePeriodSeconds: {{ add .root.Values.shutdownGraceSeconds 10 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "interlock.selector" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .role }}
  {{- include "interlock.pod" (dict "root" .root "account" true) | nindent 2 }}
  containers:
    - name: {{ .role }}
      {{- include "interlock.container" .root | nindent 6 }}
      env:
        - { name: ROLE, value: {{ .role }} }
        - { name: HOST, value: 0.0.0.0 }
        - { name: PORT, value: "3000" }
        - { name: METRICS_PORT, value: {{ .root.Values.metricsPort | quote }} }
        - { name: SHUTDOWN_GRACE_SECONDS, value: {{ .root.Values.shutdownGraceSeconds | quote }} }
        {{- include "interlock.env" .root | nindent 8 }}
      ports:
        - { name: http, containerPort: 3000 }
        - { name: metrics, containerPort: {{ .root.Values.metricsPort }} }
      # a first start on a cold node; what runs later has less time
      startupProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 2
        failureThreshold: 60
        timeoutSeconds: 3
      livenessProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 10
        failureThreshold: 3
        timeoutSeconds: 3
      # asks the database and the queue, each for two seconds at most
      readinessProbe:
        httpGet: { path: /health/ready, port: http }
        periodSeconds: 5
        failureThreshold: 2
        timeoutSeconds: 5
      resources:
        {{- toYaml .values.resources | nindent 8 }}
{{- end -}}
