// What the libraries of other clients make of challenges and scopes, for comparing ours with: it reads
// lines of JSON and prints one for each.
//
//	{"header":["Bearer realm=\"...\"", ...]}   {"containerd":[{"scheme":"bearer","params":{...}}],"distribution":[...]}
//	{"scopes":["repository:a:push,pull", ...]} {"oras":["repository:a:pull,push"]}
package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"

	containerd "github.com/containerd/containerd/v2/core/remotes/docker/auth"
	distribution "github.com/docker/distribution/registry/client/auth/challenge"
	oras "oras.land/oras-go/v2/registry/remote/auth"
)

type question struct {
	Header []string `json:"header"`
	Scopes []string `json:"scopes"`
}

type challenge struct {
	Scheme string            `json:"scheme"`
	Params map[string]string `json:"params"`
}

type answer struct {
	Containerd   []challenge `json:"containerd,omitempty"`
	Distribution []challenge `json:"distribution,omitempty"`
	Oras         []string    `json:"oras"`
}

var containerdSchemes = map[containerd.AuthenticationScheme]string{
	containerd.BasicAuth: "basic", containerd.DigestAuth: "digest", containerd.BearerAuth: "bearer",
}

func ask(asked question) answer {
	header := http.Header{"Www-Authenticate": asked.Header}
	// distribution reads the header of a 401 only, and calls none a challenge.
	response := &http.Response{StatusCode: http.StatusUnauthorized, Header: header}
	var told answer
	for _, one := range containerd.ParseAuthHeader(header) {
		told.Containerd = append(told.Containerd, challenge{containerdSchemes[one.Scheme], one.Parameters})
	}
	for _, one := range distribution.ResponseChallenges(response) {
		told.Distribution = append(told.Distribution, challenge{one.Scheme, one.Parameters})
	}
	told.Oras = oras.CleanScopes(asked.Scopes)
	return told
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	told := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := told.Encode(ask(asked)); err != nil {
			panic(err)
		}
	}
}
