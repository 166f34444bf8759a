package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/sluice-gateway/sluice/internal/mock"
)

var mockCommand = command{
	name:    "mock",
	summary: "serve a provider that speaks OpenAI and Anthropic, streams, and fails on demand",
	run: func(_ *command, args []string, s streams) int {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return mock.Command(ctx, args, s.out, s.err)
	},
}
