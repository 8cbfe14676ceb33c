// kubelet-types decodes the answers of an image credential provider as the kubelet does, and encodes its requests.
//
//	kubelet-types request VERSION IMAGE [TOKEN [NAME=VALUE]...]   writes the request of that version
//	kubelet-types response VERSION                                reads an answer; writes what the kubelet understands of it
//
// VERSION is v1, v1beta1 or v1alpha1. The types, and the strictness, are the kubelet's own: pkg/credentialprovider/plugin.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	meta "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/kubelet/pkg/apis/credentialprovider"
	"k8s.io/kubelet/pkg/apis/credentialprovider/install"
)

var (
	scheme = runtime.NewScheme()
	codecs = serializer.NewCodecFactory(scheme, serializer.EnableStrict)
)

func main() {
	install.Install(scheme)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "request":
		return request(version(args[1]), args[2], args[3:])
	case len(args) == 2 && args[0] == "response":
		return response(version(args[1]))
	}
	return errors.New("usage: kubelet-types request VERSION IMAGE [TOKEN [NAME=VALUE]...] | response VERSION")
}

func version(name string) schema.GroupVersion {
	return schema.GroupVersion{Group: credentialprovider.GroupName, Version: name}
}

func request(version schema.GroupVersion, image string, account []string) error {
	asked := &credentialprovider.CredentialProviderRequest{Image: image}
	if len(account) > 0 {
		asked.ServiceAccountToken = account[0]
		asked.ServiceAccountAnnotations = map[string]string{}
		for _, annotation := range account[1:] {
			name, value, _ := strings.Cut(annotation, "=")
			asked.ServiceAccountAnnotations[name] = value
		}
	}
	info, ok := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), "application/json")
	if !ok {
		return errors.New("no JSON")
	}
	data, err := runtime.Encode(codecs.EncoderForVersion(info.Serializer, version), asked)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(data)
	return err
}

func response(version schema.GroupVersion) error {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	said, err := meta.DefaultMetaFactory.Interpret(data)
	if err != nil {
		return err
	}
	if said.GroupVersion() != version {
		return fmt.Errorf("apiVersion is %s", said.GroupVersion())
	}
	object, _, err := codecs.UniversalDecoder().Decode(data, nil, nil)
	if err != nil {
		return err
	}
	answer, ok := object.(*credentialprovider.CredentialProviderResponse)
	if !ok {
		return fmt.Errorf("not an answer: %T", object)
	}
	understood := map[string]any{"cacheKeyType": answer.CacheKeyType, "auth": answer.Auth, "cacheSeconds": nil}
	if answer.CacheDuration != nil {
		understood["cacheSeconds"] = answer.CacheDuration.Seconds()
	}
	return json.NewEncoder(os.Stdout).Encode(understood)
}
