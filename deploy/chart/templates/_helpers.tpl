{{- define "keda-llm-scaler.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* At most 54 characters, so that every suffix fits into a name of 63. */}}
{{- define "keda-llm-scaler.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 54 | trimSuffix "-" }}
{{- else }}
{{- $name := include "keda-llm-scaler.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 54 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 54 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "keda-llm-scaler.selectorLabels" -}}
app.kubernetes.io/name: {{ include "keda-llm-scaler.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "keda-llm-scaler.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "keda-llm-scaler.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: external-scaler
app.kubernetes.io/part-of: keda
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Annotations of an object: dict "root" $ "own" .Values.service.annotations */}}
{{- define "keda-llm-scaler.annotations" -}}
{{- with merge (dict) (.own | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "keda-llm-scaler.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "keda-llm-scaler.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "keda-llm-scaler.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry }}
{{- $name := printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- with $registry }}{{ . }}/{{ end }}{{ $name }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "keda-llm-scaler.pullSecrets" -}}
{{- with concat .Values.imagePullSecrets .Values.global.imagePullSecrets | uniq }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* "true" where the Kubernetes API is asked, else empty. */}}
{{- define "keda-llm-scaler.usesApi" -}}
{{- if ne .Values.rbac.scope "none" }}true{{ end }}
{{- end }}

{{- define "keda-llm-scaler.usesTls" -}}
{{- if or .Values.certificates.secretName .Values.certificates.certManager.enabled }}true{{ end }}
{{- end }}

{{/* "true" where the status has a port of its own that others than the pod reach, else empty. */}}
{{- define "keda-llm-scaler.opensStatus" -}}
{{- $isLoopback := regexMatch "^(127\\..*|\\[::1\\]|localhost)$" .Values.listen.statusHost }}
{{- if and .Values.listen.statusPort (not $isLoopback) }}true{{ end }}
{{- end }}

{{- define "keda-llm-scaler.tlsSecretName" -}}
{{- .Values.certificates.secretName | default (printf "%s-tls" (include "keda-llm-scaler.fullname" .)) }}
{{- end }}

{{- define "keda-llm-scaler.clientCaSecretName" -}}
{{- .Values.certificates.clientCA.secretName | default (include "keda-llm-scaler.tlsSecretName" .) }}
{{- end }}

{{- define "keda-llm-scaler.serviceHost" -}}
{{- printf "%s.%s" (include "keda-llm-scaler.fullname" .) .Release.Namespace }}
{{- end }}

{{/* Megabytes of a memory quantity; 0 where there is none. */}}
{{- define "keda-llm-scaler.megabytes" -}}
{{- $text := ternary (. | default 0 | int64 | toString) (toString .) (or (empty .) (kindIs "float64" .) (kindIs "int64" .) (kindIs "int" .)) }}
{{- $number := regexFind "^[0-9.]+" $text | float64 }}
{{- $unit := regexReplaceAll "^[0-9.]+" $text "" }}
{{- $factors := dict "Ki" (divf 1.0 1024) "Mi" 1.0 "Gi" 1024.0 "Ti" 1048576.0 "k" 0.00095367 "M" 0.95367 "G" 953.67 "T" 953674.0 "" (divf 1.0 1048576) }}
{{- if not (hasKey $factors $unit) }}
{{- fail (printf "resources.limits.memory: %q has a unit this chart does not know" $text) }}
{{- end }}
{{- floor (mulf $number (get $factors $unit)) | int }}
{{- end }}

{{/* Limit of the JavaScript heap in megabytes, 0 where memory has no limit: dict "resources" … "percent" … */}}
{{- define "keda-llm-scaler.heapMegabytes" -}}
{{- $limits := .resources.limits | default dict }}
{{- $megabytes := include "keda-llm-scaler.megabytes" (get $limits "memory") | int }}
{{- div (mul $megabytes (int .percent)) 100 }}
{{- end }}

{{/* Namespaces whose Services triggers may name as gateways: those listed, and the activator's. A JSON list. */}}
{{- define "keda-llm-scaler.gatewayNamespaces" -}}
{{- $listed := .Values.targetPolicy.gatewayAllowNamespaces }}
{{- if and .Values.activator.enabled (not (has "*" $listed)) }}{{- $listed = append $listed .Release.Namespace | uniq }}{{- end }}
{{- toJson $listed }}
{{- end }}

{{/* Namespaces whose Services are read besides those of workloads: gateways and GPU exporters. A JSON list. */}}
{{- define "keda-llm-scaler.serviceNamespaces" -}}
{{- $own := .Values.rbac.namespaces }}
{{- $others := without (include "keda-llm-scaler.gatewayNamespaces" . | fromJsonArray) "*" }}
{{- with .Values.dcgm.service }}{{- $others = append $others (splitList "/" . | first) }}{{- end }}
{{- $result := list }}
{{- range $others | uniq }}{{- if not (has . $own) }}{{- $result = append $result . }}{{- end }}{{- end }}
{{- toJson $result }}
{{- end }}

{{/* What is asked about workloads, no verb more. */}}
{{- define "keda-llm-scaler.workloadRules" -}}
- apiGroups: [keda.sh]
  resources: [scaledobjects]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [apps]
  resources: [deployments/scale, statefulsets/scale, replicasets/scale]
  verbs: [get]
# Whose a ReplicaSet is that shares a workload's labels and not its name: its metadata is asked for, once.
- apiGroups: [apps]
  resources: [replicasets]
  verbs: [get]
{{- range .Values.rbac.extraScaleTargets }}
- apiGroups:
    {{- toYaml .apiGroups | nindent 4 }}
  resources:
    {{- range .resources }}
    - {{ . }}/scale
    {{- end }}
  verbs: [get]
{{- end }}
{{ include "keda-llm-scaler.serviceRules" . }}
{{- end }}

{{- define "keda-llm-scaler.serviceRules" -}}
- apiGroups: [""]
  resources: [services]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
{{- end }}

{{- define "keda-llm-scaler.checks" -}}
{{- include "keda-llm-scaler.scrapeChecks" . }}
{{- include "keda-llm-scaler.activatorChecks" . }}
{{- if and (eq .Values.rbac.scope "namespaced") (empty .Values.rbac.namespaces) }}
{{- fail "rbac.scope is namespaced, but rbac.namespaces lists none" }}
{{- end }}
{{- if and (ne .Values.rbac.scope "namespaced") .Values.rbac.namespaces }}
{{- fail (printf "rbac.namespaces has no meaning with rbac.scope %s: leave it empty or choose namespaced" .Values.rbac.scope) }}
{{- end }}
{{- if and .Values.dcgm.service .Values.dcgm.endpoints }}
{{- fail "dcgm.service and dcgm.endpoints contradict each other: keep one" }}
{{- end }}
{{- if and .Values.dcgm.service (eq .Values.rbac.scope "none") }}
{{- fail "dcgm.service needs the Kubernetes API, but rbac.scope is none: use dcgm.endpoints" }}
{{- end }}
{{- if and (has "*" .Values.targetPolicy.gatewayAllowNamespaces) (gt (len .Values.targetPolicy.gatewayAllowNamespaces) 1) }}
{{- fail "targetPolicy.gatewayAllowNamespaces: \"*\" stands alone" }}
{{- end }}
{{- if eq (int .Values.listen.grpcPort) (int .Values.listen.adminPort) }}
{{- fail "listen.grpcPort and listen.adminPort are the same" }}
{{- end }}
{{- if has (int .Values.listen.statusPort) (list (int .Values.listen.grpcPort) (int .Values.listen.adminPort)) }}
{{- fail "listen.statusPort is listen.grpcPort or listen.adminPort: leave it at 0 to have the status on adminPort" }}
{{- end }}
{{- with .Values.certificates.certManager }}
{{- if and .enabled (not .issuer.generate) (empty .issuer.name) }}
{{- fail "certificates.certManager.issuer: name an issuer or let the chart generate one" }}
{{- end }}
{{- end }}
{{- if and .Values.prometheus.serviceMonitor.enabled .Values.prometheus.podMonitor.enabled }}
{{- fail "prometheus.serviceMonitor and prometheus.podMonitor would scrape every replica twice: keep one" }}
{{- end }}
{{- end }}
