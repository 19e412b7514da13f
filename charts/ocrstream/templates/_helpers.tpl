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

{{/* What the setup and the worker container share: image, environment, confinement, folders. */}}
{{- define "ocrstream.container" -}}
image: {{ include "ocrstream.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
envFrom:
  - configMapRef:
      name: {{ include "ocrstream.fullname" . }}
  {{- with include "ocrstream.secretName" . }}
  - secretRef:
      name: {{ . }}
  {{- end }}
{{- with .Values.extraEnv }}
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
  {{- range $peer := list "kafka" "s3" }}
  {{- if (index $.Values $peer).caSecret.name }}
  - name: {{ $peer }}-ca
    mountPath: /etc/ocrstream/{{ $peer }}-ca
    readOnly: true
  {{- end }}
  {{- end }}
{{- end -}}
