apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-map
  labels:
data:
  version: {{ .Capabilities.KubeVersion.Version | quote }}
  hasWidget: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}
  namespace: {{ .Release.Namespace }}
  value: {{ .Values.value | toJson | quote }}
---
apiVersion: example.com/v1
kind: ClusterWidget
metadata: { name: wide }
spec: { day: 2026-01-01, at: 12:30, mode: 0644, enabled: yes }
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ServiceAccount
    metadata: { name: listed }
---
apiVersion: v1
kind: Pod
metadata:
  name: tester
  annotations: { "helm.sh/hook": test }
---
apiVersion: batch/v1
kind: Job
metadata:
  name: before
  annotations: { "helm.sh/hook": pre-install }
