{{- define "keda-llm-scaler.activatorName" -}}
{{- printf "%s-activator" (include "keda-llm-scaler.fullname" . | trunc 53 | trimSuffix "-") }}
{{- end }}

{{/* Not the scaler's name, so that no selector of one takes the other's pods. */}}
{{- define "keda-llm-scaler.activatorSelectorLabels" -}}
app.kubernetes.io/name: {{ printf "%s-activator" (include "keda-llm-scaler.name" . | trunc 53 | trimSuffix "-") }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "keda-llm-scaler.activatorLabels" -}}
{{- $own := include "keda-llm-scaler.activatorSelectorLabels" . | fromYaml }}
{{- $own = merge $own (dict "app.kubernetes.io/component" "activator") }}
{{- toYaml (merge $own (include "keda-llm-scaler.labels" . | fromYaml)) }}
{{- end }}

{{- define "keda-llm-scaler.activatorAccount" -}}
{{- if .Values.activator.serviceAccount.create }}
{{- default (include "keda-llm-scaler.activatorName" .) .Values.activator.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.activator.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The namespace of the model's Service. */}}
{{- define "keda-llm-scaler.activatorTarget" -}}
{{- splitList "/" .Values.activator.service | first }}
{{- end }}

{{- define "keda-llm-scaler.activatorArgs" -}}
- activator
- --listen-address={{ .Values.listen.host }}:{{ .Values.activator.listen.port }}
- --admin-address={{ .Values.listen.host }}:{{ .Values.activator.listen.adminPort }}
- --service={{ .Values.activator.service }}
- --spool-directory=/var/spool/keda-llm-scaler
- --shutdown-grace={{ .Values.activator.shutdown.graceSeconds }}s
{{- $logging := dict "logLevel" .Values.logging.level "logFormat" .Values.logging.format }}
{{- range $name, $value := merge (dict) .Values.activator.settings $logging }}
- {{ printf "--%s=%s" (kebabcase $name) (kindIs "float64" $value | ternary (int64 (kindIs "float64" $value | ternary $value 0) | toString) (toString $value)) | quote }}
{{- end }}
{{- end }}

{{- define "keda-llm-scaler.activatorChecks" -}}
{{- if .Values.activator.enabled }}
{{- if empty .Values.activator.service }}
{{- fail "activator.enabled: give the model's Service as activator.service, such as models/llama" }}
{{- end }}
{{- if eq .Values.rbac.scope "none" }}
{{- fail "activator.enabled needs the Kubernetes API, but rbac.scope is none" }}
{{- end }}
{{- if eq (int .Values.activator.listen.port) (int .Values.activator.listen.adminPort) }}
{{- fail "activator.listen.port and activator.listen.adminPort are the same" }}
{{- end }}
{{- end }}
{{- end }}
