{{- define "ocrstream.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "ocrstream.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "ocrstream.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "ocrstream.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ocrstream.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ocrstream.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "ocrstream.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "ocrstream.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "ocrstream.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "ocrstream.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- printf "%s:%s%s" .Values.image.repository $tag (ternary "-gpu" "" .Values.gpu.enabled) -}}
{{- end -}}

{{/* The Secret's data of our own credentials; empty where an existing Secret is named or none is given. */}}
{{- define "ocrstream.ownCredentials" -}}
{{- if not .Values.credentials.existingSecret -}}
{{- with .Values.credentials.s3AccessKey }}
OCRSTREAM_S3_ACCESS_KEY: {{ quote . }}
{{- end }}
{{- with .Values.credentials.s3SecretKey }}
OCRSTREAM_S3_SECRET_KEY: {{ quote . }}
{{- end }}
{{- with .Values.credentials.kafkaUsername }}
OCRSTREAM_KAFKA_USERNAME: {{ quote . }}
{{- end }}
{{- with .Values.credentials.kafkaPassword }}
OCRSTREAM_KAFKA_PASSWORD: {{ quote . }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* The name of the Secret with the credentials; empty where there is none. */}}
{{- define "ocrstream.secretName" -}}
{{- if .Values.credentials.existingSecret -}}
{{- .Values.credentials.existingSecret -}}
{{- else if include "ocrstream.ownCredentials" . -}}
{{- include "ocrstream.fullname" . -}}
{{- end -}}
{{- end -}}

{{- define "ocrstream.gatewayName" -}}
{{- printf "%s-gateway" (include "ocrstream.fullname" . | trunc 55 | trimSuffix "-") -}}
{{- end -}}

{{/* Of another name than the workers', whose Deployment, Service and budget must not select it. */}}
{{- define "ocrstream.gatewaySelectorLabels" -}}
app.kubernetes.io/name: {{ printf "%s-gateway" (include "ocrstream.name" . | trunc 55 | trimSuffix "-") }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ocrstream.gatewayImage" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- printf "%s:%s-gateway" .Values.image.repository $tag -}}
{{- end -}}

{{/* The files of Secrets that are mounted: a folder's name, the Secret, the keys in it (empty: all). */}}
{{- define "ocrstream.secretFiles" -}}
{{- $files := list
  (dict "name" "kafka-ca" "secret" .Values.kafka.caSecret.name "keys" (list .Values.kafka.caSecret.key))
  (dict "name" "kafka-client" "secret" .Values.kafka.clientSecret "keys" list)
  (dict "name" "s3-ca" "secret" .Values.s3.caSecret.name "keys" (list .Values.s3.caSecret.key))
  (dict "name" "oidc-ca" "secret" .Values.gateway.oidc.caSecret.name "keys" (list .Values.gateway.oidc.caSecret.key))
  (dict "name" "master-keys" "secret" .Values.masterKeysSecret.name "keys" (list .Values.masterKeysSecret.key))
  (dict "name" "tls" "secret" .Values.tls.secret "keys" list)
-}}
{{- $found := list -}}
{{- range $files }}{{ if .secret }}{{ $found = append $found . }}{{ end }}{{ end -}}
{{- toJson $found -}}
{{- end -}}

{{/* A pod's volumes: what is written, with a limit, and the mounted Secrets. */}}
{{- define "ocrstream.volumes" -}}
# Outlives a crash of the container, which is what the journal of documents in flight is for,
# and goes with the pod.
- name: data
  emptyDir:
    sizeLimit: {{ .Values.storage.dataSizeLimit }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.storage.tmpSizeLimit }}
{{- range include "ocrstream.secretFiles" . | fromJsonArray }}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 0400
    {{- with .keys }}
    items:
      {{- range . }}
      - key: {{ . }}
        path: {{ . }}
      {{- end }}
    {{- end }}
{{- end }}
{{- end -}}

{{/* A pod's confinement. */}}
{{- define "ocrstream.podSecurity" -}}
serviceAccountName: {{ include "ocrstream.serviceAccountName" . }}
automountServiceAccountToken: false
# A Service named ocrstream would put OCRSTREAM_PORT, OCRSTREAM_SERVICE_HOST and more into the
# environment, where they read as settings.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{/* What all containers share: environment, confinement, folders. `root`: the chart; `image`; `secret`:
     with the credentials, may be empty; `env`: more variables. */}}
{{- define "ocrstream.container" -}}
image: {{ .image | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
envFrom:
  - configMapRef:
      name: {{ include "ocrstream.fullname" .root }}
  {{- with .secret }}
  - secretRef:
      name: {{ . }}
  {{- end }}
{{- with concat (.env | default list) .root.Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
  privileged: false
  readOnlyRootFilesystem: true
volumeMounts:
  - name: data
    mountPath: /var/lib/ocrstream
  - name: tmp
    mountPath: /tmp
  {{- range include "ocrstream.secretFiles" .root | fromJsonArray }}
  - name: {{ .name }}
    mountPath: /etc/ocrstream/{{ .name }}
    readOnly: true
  {{- end }}
{{- end -}}

{{/* Probes of a container by its port for health. `root`: the chart; `startFailures`: of 5 s each. */}}
{{- define "ocrstream.probes" -}}
{{- $scheme := ternary "HTTPS" "HTTP" .root.Values.tls.health -}}
startupProbe:
  httpGet:
    path: /livez
    port: http
    scheme: {{ $scheme }}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: {{ .startFailures }}
livenessProbe:
  httpGet:
    path: /livez
    port: http
    scheme: {{ $scheme }}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
# Not ready while the broker or the store is away; nothing is restarted for that.
readinessProbe:
  httpGet:
    path: /readyz
    port: http
    scheme: {{ $scheme }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}
