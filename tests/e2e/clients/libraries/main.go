// Runs the libraries that clients use to speak to a docker-credential helper, against the real program, and prints what
// they make of its answers: one JSON object a line.
//
//	libraries docker|oras|containers HELPER get|erase REGISTRY
//	libraries docker|oras|containers HELPER store REGISTRY USERNAME   (the secret on standard input)
//	libraries docker HELPER list
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// An answer, as a library understood it.
type answer struct {
	Username string            `json:"username"`
	Secret   string            `json:"secret"`
	NotFound bool              `json:"not_found"` // by its own type of error, or its own empty value
	Error    string            `json:"error"`
	Entries  map[string]string `json:"entries"`
}

// What the three libraries have in common.
type library interface {
	get(registry string) answer
	store(registry, username, secret string) answer
	erase(registry string) answer
	list() answer
}

func failed(err error) answer {
	if err == nil {
		return answer{}
	}
	return answer{Error: err.Error()}
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "see the head of main.go")
		os.Exit(2)
	}
	made := map[string]func(string) library{"docker": newDocker, "oras": newOras, "containers": newContainers}
	used := made[os.Args[1]](os.Args[2])
	var told answer
	switch os.Args[3] {
	case "get":
		told = used.get(os.Args[4])
	case "erase":
		told = used.erase(os.Args[4])
	case "list":
		told = used.list()
	case "store":
		secret, err := io.ReadAll(os.Stdin)
		if err != nil {
			panic(err)
		}
		told = used.store(os.Args[4], os.Args[5], string(secret))
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		panic(err)
	}
}
