package main

import (
	"context"
	"errors"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

// What oras and helm run.
type oras struct{ native credentials.Store }

func newOras(helper string) library { return oras{credentials.NewNativeStore(helper)} }

func (o oras) get(registry string) answer {
	got, err := o.native.Get(context.Background(), registry)
	if err != nil {
		return failed(err)
	}
	if got == auth.EmptyCredential {
		return answer{NotFound: true}
	}
	if got.RefreshToken != "" {
		return answer{Username: "<token>", Secret: got.RefreshToken}
	}
	return answer{Username: got.Username, Secret: got.Password}
}

func (o oras) store(registry, username, secret string) answer {
	stored := auth.Credential{Username: username, Password: secret}
	if username == "<token>" {
		stored = auth.Credential{RefreshToken: secret}
	}
	return failed(o.native.Put(context.Background(), registry, stored))
}

func (o oras) erase(registry string) answer {
	return failed(o.native.Delete(context.Background(), registry))
}

func (o oras) list() answer { return failed(errors.New("it has no list")) }
