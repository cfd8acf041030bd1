{{/* One name for all objects: the release's, with the chart's in it. */}}
{{- define "clew.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Objects that belong to no namespace: two releases must not meet in one name. */}}
{{- define "clew.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "clew.name" .) -}}
{{- end -}}

{{- define "clew.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Not managed-by clew, which marks the pods of runs. */}}
{{- define "clew.labels" -}}
{{ include "clew.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* What the operator does in a namespace that it watches: no more than its code asks for. */}}
{{- define "clew.rules" -}}
- apiGroups: [clew.dev]
  resources: [workflows]
  verbs: [list, watch]
- apiGroups: [clew.dev]
  resources: [workflowruns]
  # patch: its own finalizer; delete: ttlSecondsAfterFinished
  verbs: [get, list, watch, patch, delete]
- apiGroups: [clew.dev]
  resources: [workflows/status, workflowruns/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [pods]
  # patch: its own finalizer
  verbs: [get, list, watch, create, patch, delete]
# snapshots of workflows
- apiGroups: [apps]
  resources: [controllerrevisions]
  # patch: the mark of an unused one
  verbs: [get, list, create, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- if not .Values.watchNamespaces }}
# whether a process that nobody answers for can have ended
- apiGroups: [""]
  resources: [nodes]
  verbs: [get]
{{- end }}
# whether the namespace of a run is being deleted
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
{{- end -}}
