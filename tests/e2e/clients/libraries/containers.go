package main

import (
	"errors"
	"os"

	"go.podman.io/image/v5/pkg/docker/config"
	"go.podman.io/image/v5/types"
)

// What podman, buildah and skopeo run; the helper is named by registries.conf, in a file of this process.
type containers struct{ system *types.SystemContext }

func newContainers(helper string) library {
	folder, err := os.MkdirTemp("", "libraries")
	if err != nil {
		panic(err)
	}
	line := []byte("credential-helpers = [\"" + helper + "\"]\n")
	if err := os.WriteFile(folder+"/registries.conf", line, 0o600); err != nil {
		panic(err)
	}
	return containers{&types.SystemContext{
		SystemRegistriesConfPath:    folder + "/registries.conf",
		SystemRegistriesConfDirPath: folder + "/none",
	}}
}

func (c containers) get(registry string) answer {
	got, err := config.GetCredentials(c.system, registry)
	if err != nil {
		return failed(err)
	}
	if got == (types.DockerAuthConfig{}) {
		return answer{NotFound: true}
	}
	if got.IdentityToken != "" {
		return answer{Username: "<token>", Secret: got.IdentityToken}
	}
	return answer{Username: got.Username, Secret: got.Password}
}

func (c containers) store(registry, username, secret string) answer {
	_, err := config.SetCredentials(c.system, registry, username, secret)
	return failed(err)
}

func (c containers) erase(registry string) answer {
	err := config.RemoveAuthentication(c.system, registry)
	if errors.Is(err, config.ErrNotLoggedIn) {
		return answer{NotFound: true}
	}
	return failed(err)
}

func (c containers) list() answer {
	all, err := config.GetAllCredentials(c.system)
	if err != nil {
		return failed(err)
	}
	entries := map[string]string{}
	for registry, got := range all {
		entries[registry] = got.Username
		if got.IdentityToken != "" {
			entries[registry] = "<token>"
		}
	}
	return answer{Entries: entries}
}
