import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type AliyunSlbExposure, renderSlbAnnotations } from "../../../components/mesh/aliyun-slb";
import { expose } from "../../../components/mesh/exposure";
import { seed000Slb } from "../../../components/mesh/exposure-presets";
import {
  gatewayServiceValues,
  operatorGatewayLabels,
  operatorGatewayPorts,
} from "../../../components/mesh/gateway-service";

/** What source document 000 says, without the status, which the controller writes. Its id is hidden there. */
const document000 = parse(`
apiVersion: v1
kind: Service
metadata:
  annotations:
    service.beta.kubernetes.io/alicloud-loadbalancer-address-type: intranet
    service.beta.kubernetes.io/alicloud-loadbalancer-force-override-listeners: 'true'
    service.beta.kubernetes.io/alicloud-loadbalancer-id: lb-uf0000000000
  labels:
    app: istio-ingressgateway
    install.operator.istio.io/owning-resource: unknown
    install.operator.istio.io/owning-resource-namespace: istio-system
    istio: ingressgateway
    istio.io/rev: default
    operator.istio.io/component: IngressGateways
    operator.istio.io/managed: Reconcile
    operator.istio.io/version: 1.10.0
    release: istio
  name: istio-ingressgateway
  namespace: istio-system
spec:
  ports:
  - { name: status-port, nodePort: 32045, port: 15021, protocol: TCP, targetPort: 15021 }
  - { name: http2, nodePort: 30080, port: 80, protocol: TCP, targetPort: 8080 }
  - { name: https, nodePort: 30443, port: 443, protocol: TCP, targetPort: 8443 }
  selector:
    app: istio-ingressgateway
    istio: ingressgateway
  sessionAffinity: None
  type: LoadBalancer
  externalTrafficPolicy: "Local"
`);

describe("the Service of source document 000", () => {
  it("is the same in every value", () => {
    const { service } = expose(seed000Slb("lb-uf0000000000"), {
      name: "istio-ingressgateway",
      namespace: "istio-system",
      labels: operatorGatewayLabels("1.10.0"),
      selector: { app: "istio-ingressgateway", istio: "ingressgateway" },
      ports: operatorGatewayPorts,
    });
    expect(service).toEqual(document000);
  });

  it("goes into the values of today's chart, whose pods listen on 80 and 443 themselves", () => {
    expect(gatewayServiceValues(seed000Slb("lb-uf0000000000"))).toEqual({
      service: {
        type: "LoadBalancer",
        annotations: document000.metadata.annotations,
        externalTrafficPolicy: "Local",
        ports: [
          { name: "status-port", port: 15021, protocol: "TCP", targetPort: 15021, nodePort: 32045 },
          { name: "http2", port: 80, protocol: "TCP", targetPort: 80, nodePort: 30080 },
          { name: "https", port: 443, protocol: "TCP", targetPort: 443, nodePort: 30443 },
        ],
      },
    });
  });
});

describe("renderSlbAnnotations", () => {
  const exposure: AliyunSlbExposure = {
    kind: "aliyunSlb",
    id: "lb-uf6abc",
    addressType: "internet",
    forceOverrideListeners: false,
    scheduler: "wrr",
    settings: { "health-check-type": "tcp" },
  };

  it("writes the present names, and says no where nobody said yes", () => {
    const prefix = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-";
    expect(renderSlbAnnotations(exposure)).toEqual({
      [`${prefix}address-type`]: "internet",
      [`${prefix}force-override-listeners`]: "false",
      [`${prefix}id`]: "lb-uf6abc",
      [`${prefix}scheduler`]: "wrr",
      [`${prefix}health-check-type`]: "tcp",
    });
  });

  it("refuses a second spelling of what it asks for", () => {
    const sly = { ...exposure, settings: { "force-override-listeners": "true" } };
    expect(() => renderSlbAnnotations(sly)).toThrow(
      "aliyunSlb lb-uf6abc: settings has force-override-listeners; allowed are others; say it by the field of that meaning",
    );
  });
});
