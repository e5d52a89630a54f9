package agentauth_test

import (
	"context"
	"fmt"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/scenarios/agentauth"
)

func ExamplePath() {
	cells, err := agentauth.Path().Cells(scenarios.Selection{Scenarios: []string{"agents"}, N: []int{2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cell := range cells { // to be measured by a scenarios.Runner
		fmt.Println(cell)
	}
	// Output:
	// v2.33.0-rc.2 agents/2
	// v2.33.0-rc.3 agents/2
	// pr-24973 agents/2
	// pr-24973-text agents/2
	// pr-24973-memo agents/2
	// pr-25158 agents/2
	// pr-25031 agents/2
	// one-query agents/2
}

// A version of one's own, beside those that are there.
func ExamplePathOf() {
	path := agentauth.PathOf(append(agentauth.Versions(), agentauth.Version{
		Name:    "newest",
		Summary: "takes the newest agent, be it of an earlier build: cheap, and not as safe as the others",
		JobRule: func(ctx context.Context, l *agentauth.Layer, job agentauth.ProvisionerJob) error {
			_, err := l.WorkspaceBuildByJobID(ctx, job.ID)
			return err
		},
		Authenticate: func(ctx context.Context, l *agentauth.Layer, claim agentauth.Claim) (agentauth.WorkspaceAgent, error) {
			agent, err := l.WorkspaceAgentByInstanceID(ctx, claim.InstanceID)
			if err != nil {
				return agentauth.WorkspaceAgent{}, err
			}
			_, err = l.WorkspaceResourceByID(ctx, agent.ResourceID) // by whoever may read its job
			return agent, err
		},
	}))
	versions, err := path.SelectVersions([]string{"newest", agentauth.Reference})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range versions {
		fmt.Println(v.Name)
	}
	// Output:
	// v2.33.0-rc.2
	// newest
}
