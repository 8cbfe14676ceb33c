package main

import (
	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
)

// What docker, crane, ko, nerdctl and buildx run.
type docker struct{ program client.ProgramFunc }

func newDocker(helper string) library {
	return docker{client.NewShellProgramFunc("docker-credential-" + helper)}
}

func (d docker) get(registry string) answer {
	got, err := client.Get(d.program, registry)
	if credentials.IsErrCredentialsNotFound(err) {
		return answer{NotFound: true}
	}
	if err != nil {
		return failed(err)
	}
	return answer{Username: got.Username, Secret: got.Secret}
}

func (d docker) store(registry, username, secret string) answer {
	stored := &credentials.Credentials{ServerURL: registry, Username: username, Secret: secret}
	return failed(client.Store(d.program, stored))
}

func (d docker) erase(registry string) answer { return failed(client.Erase(d.program, registry)) }

func (d docker) list() answer {
	entries, err := client.List(d.program)
	if err != nil {
		return failed(err)
	}
	return answer{Entries: entries}
}
