// Go's own net/http, with the default client but for its time-out.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

type refusal struct {
	Status *int   `json:"status"`
	Code   *int   `json:"code"`
	Text   string `json:"text"`
}

func (r *refusal) Error() string { return r.Text }

type page struct {
	CallSid   string `json:"call_sid"`
	Summaries []any  `json:"call_summaries"`
	Meta      struct {
		Next string `json:"next_page_url"`
	} `json:"meta"`
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func get(client *http.Client, url string) (got page, err error) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return
	}
	request.SetBasicAuth(os.Getenv("CLIENT_USER"), os.Getenv("CLIENT_SECRET"))
	answer, err := client.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	if err = json.NewDecoder(answer.Body).Decode(&got); err == nil && answer.StatusCode != http.StatusOK {
		err = &refusal{&answer.StatusCode, &got.Code, got.Message}
	}
	return
}

func run(client *http.Client, base string, arguments []string) (map[string]any, error) {
	if arguments[0] == "list" {
		calls := 0
		for url := base + "Summaries?PageSize=2"; url != ""; {
			got, err := get(client, url)
			if err != nil {
				return nil, err
			}
			calls, url = calls+len(got.Summaries), got.Meta.Next
		}
		return map[string]any{"calls": calls}, nil
	}
	times := 1
	if len(arguments) > 2 {
		times, _ = strconv.Atoi(arguments[2])
	}
	var got page
	for ; times > 0; times-- {
		var err error
		if got, err = get(client, base+arguments[1]+"/Summary"); err != nil {
			return nil, err
		}
	}
	return map[string]any{"call_sid": got.CallSid}, nil
}

func main() {
	seconds, _ := strconv.ParseFloat(os.Getenv("CLIENT_TIMEOUT"), 64)
	client := &http.Client{Timeout: time.Duration(seconds * float64(time.Second))}
	said, err := run(client, os.Getenv("CLIENT_URL")+"/v1/Voice/", os.Args[1:])
	if refused, ok := err.(*refusal); ok {
		said = map[string]any{"error": refused}
	} else if err != nil {
		said = map[string]any{"error": refusal{Text: err.Error()}}
	}
	line, _ := json.Marshal(said)
	fmt.Println(string(line))
}
