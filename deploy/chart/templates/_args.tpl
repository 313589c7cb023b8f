{{/* Every setting of `serve` that has a value, one flag a line. */}}
{{- define "keda-llm-scaler.args" -}}
- serve
- --grpc-address={{ .Values.listen.host }}:{{ .Values.listen.grpcPort }}
- --admin-address={{ .Values.listen.host }}:{{ .Values.listen.adminPort }}
{{- if .Values.listen.statusPort }}
- --status-address={{ .Values.listen.statusHost }}:{{ .Values.listen.statusPort }}
{{- end }}
{{- if include "keda-llm-scaler.usesTls" . }}
- --tls-cert-file=/etc/keda-llm-scaler/tls/tls.crt
- --tls-key-file=/etc/keda-llm-scaler/tls/tls.key
{{- if .Values.certificates.requireClientCertificate }}
- --tls-client-ca-file=/etc/keda-llm-scaler/client-ca/{{ .Values.certificates.clientCA.key }}
{{- end }}
{{- end }}
- --max-connection-age={{ .Values.listen.maxConnectionAge }}
- --shutdown-grace={{ .Values.shutdown.graceSeconds }}s
{{- with .Values.targetPolicy.endpointAllowCidrs }}
- --endpoint-allow-cidrs={{ join "," . }}
{{- end }}
{{- with include "keda-llm-scaler.gatewayNamespaces" . | fromJsonArray }}
- {{ printf "--gateway-allow-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- if .Values.scrape.credentials }}
- --scrape-credentials-file=/etc/keda-llm-scaler/scrape-rules/rules.json
{{- end }}
- --kubernetes={{ ternary "on" "off" (not (empty (include "keda-llm-scaler.usesApi" .))) }}
{{- with .Values.dcgm.service }}
- --dcgm-service={{ . }}
{{- end }}
{{- with .Values.dcgm.endpoints }}
- {{ printf "--dcgm-endpoints=%s" (join "," .) | quote }}
{{- end }}
- --dcgm-interval={{ .Values.dcgm.interval }}
- --max-triggers={{ int64 .Values.limits.maxTriggers }}
- --max-triggers-per-namespace={{ int64 .Values.limits.maxTriggersPerNamespace }}
- --max-endpoints-per-trigger={{ int64 .Values.limits.maxEndpointsPerTrigger }}
- --max-body-bytes={{ int64 .Values.limits.maxBodyBytes }}
- --max-concurrent-scrapes={{ int64 .Values.limits.maxConcurrentScrapes }}
- --trigger-idle-timeout={{ .Values.limits.triggerIdleTimeout }}
- --starting-for={{ .Values.limits.startingFor }}
- --recording-span={{ .Values.limits.recordingSpan }}
- --activation-scrape-interval={{ .Values.scrape.activationInterval }}
- --log-level={{ .Values.logging.level }}
- --log-format={{ .Values.logging.format }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}
