// Command kstatus reads Kubernetes objects as JSON and answers each with a line of JSON: what kstatus says of it.
package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type reading struct {
	Status  status.Status `json:"status"`
	Message string        `json:"message"`
}

func main() {
	log.SetFlags(0)
	objects, readings := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var object json.RawMessage
		if err := objects.Decode(&object); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		found, err := read(object)
		if err != nil {
			log.Fatal(err)
		}
		if err := readings.Encode(found); err != nil {
			log.Fatal(err)
		}
	}
}

func read(object json.RawMessage) (reading, error) {
	// it decodes whole numbers as such, which kstatus relies on for generations
	var decoded unstructured.Unstructured
	if err := decoded.UnmarshalJSON(object); err != nil {
		return reading{}, err
	}
	result, err := status.Compute(&decoded)
	if err != nil {
		return reading{}, err
	}
	return reading{result.Status, result.Message}, nil
}
