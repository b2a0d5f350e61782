{{- define "dsa-signal.labels" -}}
app.kubernetes.io/name: dsa-signal
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
{{- define "dsa-signal.selector" -}}
app.kubernetes.io/name: dsa-signal
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "dsa-signal.fullname" -}}
{{ printf "%s-dsa-signal" .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}
