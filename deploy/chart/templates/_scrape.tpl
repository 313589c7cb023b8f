{{/* The rules of --scrape-credentials-file: the values, with the paths at which their Secrets are mounted. */}}
{{- define "keda-llm-scaler.scrapeRules" -}}
{{- $rules := list }}
{{- range $at, $entry := .Values.scrape.credentials }}
{{- $folder := printf "/etc/keda-llm-scaler/scrape/%d" $at }}
{{- $rule := omit $entry "bearerToken" "basic" "ca" }}
{{- if $entry.bearerToken }}{{- $_ := set $rule "bearerTokenFile" (printf "%s/token" $folder) }}{{- end }}
{{- if $entry.basic }}
{{- $_ := set $rule "basic" (dict "usernameFile" (printf "%s/username" $folder) "passwordFile" (printf "%s/password" $folder)) }}
{{- end }}
{{- if $entry.ca }}{{- $_ := set $rule "caFile" (printf "%s/ca.crt" $folder) }}{{- end }}
{{- $rules = append $rules $rule }}
{{- end }}
{{- toPrettyJson $rules }}
{{- end }}

{{/* "true" where a rule has files: its values are the argument. */}}
{{- define "keda-llm-scaler.hasScrapeFiles" -}}
{{- if or .bearerToken .basic .ca }}true{{ end }}
{{- end }}

{{- define "keda-llm-scaler.scrapeMounts" -}}
- name: scrape-rules
  mountPath: /etc/keda-llm-scaler/scrape-rules
  readOnly: true
{{- range $at, $entry := .Values.scrape.credentials }}
{{- if include "keda-llm-scaler.hasScrapeFiles" $entry }}
- name: scrape-{{ $at }}
  mountPath: /etc/keda-llm-scaler/scrape/{{ $at }}
  readOnly: true
{{- end }}
{{- end }}
{{- end }}

{{/* A volume for each rule, with those keys of its Secrets that it names and no others. */}}
{{- define "keda-llm-scaler.scrapeVolumes" -}}
- name: scrape-rules
  configMap:
    name: {{ include "keda-llm-scaler.fullname" . }}-scrape
{{- range $at, $entry := .Values.scrape.credentials }}
{{- if include "keda-llm-scaler.hasScrapeFiles" $entry }}
- name: scrape-{{ $at }}
  projected:
    defaultMode: 288 # 0440
    sources:
      {{- with $entry.bearerToken }}
      - secret:
          name: {{ .secretName }}
          items:
            - key: {{ .key | default "token" }}
              path: token
      {{- end }}
      {{- with $entry.basic }}
      - secret:
          name: {{ .secretName }}
          items:
            - key: {{ .usernameKey | default "username" }}
              path: username
            - key: {{ .passwordKey | default "password" }}
              path: password
      {{- end }}
      {{- with $entry.ca }}
      - {{ ternary "secret" "configMap" (not (empty .secretName)) }}:
          name: {{ .secretName | default .configMapName }}
          items:
            - key: {{ .key | default "ca.crt" }}
              path: ca.crt
      {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "keda-llm-scaler.scrapeChecks" -}}
{{- range $at, $entry := .Values.scrape.credentials }}
{{- $name := printf "scrape.credentials[%d]" $at }}
{{- if not (or $entry.namespaces $entry.gpuExporters) }}
{{- fail (printf "%s says for nobody: give namespaces, or gpuExporters: true" $name) }}
{{- end }}
{{- if and $entry.bearerToken $entry.basic }}
{{- fail (printf "%s: bearerToken and basic contradict each other" $name) }}
{{- end }}
{{- if and $entry.ca $entry.insecureSkipVerify }}
{{- fail (printf "%s: ca and insecureSkipVerify contradict each other" $name) }}
{{- end }}
{{- if not (or (include "keda-llm-scaler.hasScrapeFiles" $entry) $entry.serverName $entry.insecureSkipVerify) }}
{{- fail (printf "%s gives nothing: add bearerToken, basic, ca, serverName or insecureSkipVerify" $name) }}
{{- end }}
{{- if and $entry.allowPlainHttp (not (or $entry.bearerToken $entry.basic)) }}
{{- fail (printf "%s: allowPlainHttp needs a credential to allow it for" $name) }}
{{- end }}
{{- end }}
{{- end }}
