{{- /*
The pod of one kind of worker. Takes: root; component (control, site); args of `belay up`; worker (its
values); account (whether it talks to the cluster).
*/ -}}
{{- define "belay.pod" -}}
{{- $values := .root.Values -}}
{{- $name := include "belay.name" .root -}}
{{- $isSite := eq .component "site" -}}
metadata:
  labels:
    {{- include "belay.selector" . | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: belay
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: {{ $isSite }}
  {{- if $isSite }}
  serviceAccountName: {{ include "belay.serviceAccount" .root }}
  {{- end }}
  enableServiceLinks: false
  {{- if and $isSite $values.site.hostNetwork }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  # The pod's own first process then reaps what helm and its helpers leave, and not belay's.
  shareProcessNamespace: true
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml $values.podSecurityContext | nindent 4 }}
  {{- if and $isSite $values.site.folders }}
  initContainers:
    # belay makes no folder for backups: where one is missing, a volume may be.
    - name: folders
      image: {{ include "belay.image" .root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command:
        - mkdir
        - -p
        {{- range $values.site.folders }}
        - /var/lib/belay/{{ . }}
        {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      resources:
        {{- toYaml .worker.resources | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /var/lib/belay
  {{- end }}
  containers:
    - name: belay
      image: {{ include "belay.image" .root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args:
        {{- toYaml .args | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      {{- if $isSite }}
      {{- with $values.site.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      env:
        {{- include "belay.environment" .root | trim | nindent 8 }}
        {{- if $isSite }}
        {{- with $values.site.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- end }}
      # The file is there while the workers poll.
      startupProbe:
        exec:
          command: [test, -e, /run/belay/health]
        periodSeconds: 1
        timeoutSeconds: 5
        failureThreshold: 120
      readinessProbe:
        exec:
          command: [test, -e, /run/belay/health]
        periodSeconds: 5
        timeoutSeconds: 5
      # Its date is renewed every few seconds by a process that can do anything at all. Without the
      # file, the process itself is at starting its workers again.
      livenessProbe:
        exec:
          command:
            - sh
            - -c
            - test ! -e /run/belay/health || test -n "$(find /run/belay/health -mmin -1)"
        periodSeconds: 20
        timeoutSeconds: 10
        failureThreshold: 3
      resources:
        {{- toYaml .worker.resources | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: run
          mountPath: /run/belay
        - name: data
          mountPath: /var/lib/belay
        - name: deployments
          mountPath: /etc/belay/deployments
          readOnly: true
        {{- if $values.releases }}
        - name: releases
          mountPath: /etc/belay/releases
          readOnly: true
        {{- end }}
        {{- if $values.files }}
        - name: files
          mountPath: /etc/belay/files
          readOnly: true
        {{- end }}
        {{- if $values.temporal.tls.existingSecret }}
        - name: temporal-tls
          mountPath: /etc/belay/temporal-tls
          readOnly: true
        {{- end }}
        {{- if $isSite }}
        {{- if $values.site.secretFiles }}
        - name: secrets
          mountPath: /etc/belay/secrets
          readOnly: true
        {{- end }}
        {{- with $values.site.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {}
    - name: run
      emptyDir: {}
    - name: data
      {{- if and $isSite $values.site.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ $values.site.persistence.existingClaim | default (printf "%s-site" $name) }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    - name: deployments
      configMap:
        name: {{ include "belay.deployments" .root }}
    {{- if $values.releases }}
    - name: releases
      configMap:
        name: {{ $name }}-releases
    {{- end }}
    {{- if $values.files }}
    - name: files
      configMap:
        name: {{ $name }}-files
    {{- end }}
    {{- if $values.temporal.tls.existingSecret }}
    - name: temporal-tls
      secret:
        secretName: {{ $values.temporal.tls.existingSecret }}
        defaultMode: 0440
    {{- end }}
    {{- if $isSite }}
    {{- if $values.site.secretFiles }}
    - name: secrets
      secret:
        secretName: {{ $values.site.secretFiles }}
        defaultMode: 0440
    {{- end }}
    {{- with $values.site.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "belay.environment" -}}
- name: BELAY_HEALTH_FILE
  value: /run/belay/health
- name: TEMPORAL_ADDRESS
  value: {{ required "temporal.address is needed: HOST:PORT of the Temporal that the workers poll" .Values.temporal.address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- with .Values.temporal.apiKey }}
{{- if .existingSecret }}
- name: TEMPORAL_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- with .Values.temporal.tls }}
{{- if or .enabled .existingSecret $.Values.temporal.apiKey.existingSecret }}
- name: TEMPORAL_TLS
  value: 'true'
{{- end }}
{{- with .serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ . | quote }}
{{- end }}
{{- if .existingSecret }}
{{- with .authorityKey }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/belay/temporal-tls/{{ . }}
{{- end }}
{{- with .certificateKey }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/belay/temporal-tls/{{ . }}
{{- end }}
{{- with .privateKeyKey }}
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/belay/temporal-tls/{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
