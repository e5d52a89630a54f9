package reporttest

import (
	"fmt"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// RC2 and RC3 make the calls of internal/agentauth for n agents of one build.
func RC2(int) tracer.Recording {
	return Operate(func(o *Operation) {
		o.Call(0, "auth.(*Handler).ServeHTTP", "auth/handler.go", func() {
			o.Call(85, "auth.authenticateRC2", "auth/rc_2.go", func() {
				o.Call(17, "auth.(*Layer).AgentByInstance", "auth/layer.go", func() {
					o.Query(137, "AgentByInstance", "i-1")
					o.Call(141, "auth.(*Layer).WorkspaceByAgent", "auth/layer.go", func() {
						o.Query(68, "WorkspaceByAgent", "agent-1")
						o.Check(72, "read workspace", "w")
					})
				})
				resource(o, 21, "1")
				job(o, 25)
				requireLatestBuild(o, 32)
			})
		})
	})
}

// RC3 is a version with a fan-out over agents.
func RC3(n int) tracer.Recording {
	return Operate(func(o *Operation) {
		jobOfAgent := func(line int, agent string) {
			o.Call(line, "auth.jobOfAgent", "auth/rc_3.go", func() {
				resource(o, 45, agent)
				job(o, 49)
			})
		}
		o.Call(0, "auth.(*Handler).ServeHTTP", "auth/handler.go", func() {
			o.Call(85, "auth.authenticateRC3", "auth/rc_3.go", func() {
				o.Call(14, "auth.(*Layer).AgentsByInstance", "auth/layer.go", func() {
					o.Check(167, "read system", "")
					o.Query(170, "AgentsByInstance", "i-1")
				})
				for i := range n {
					jobOfAgent(20, fmt.Sprint(i+1))
				}
				jobOfAgent(32, "1")
				requireLatestBuild(o, 36)
			})
		})
	})
}

func resource(o *Operation, line int, id string) {
	o.Call(line, "auth.(*Layer).Resource", "auth/layer.go", func() {
		o.Query(125, "Resource", id)
		job(o, 129)
	})
}

func job(o *Operation, line int) {
	o.Call(line, "auth.(*Layer).Job", "auth/layer.go", func() {
		o.Query(113, "Job", "j")
		o.Call(117, "auth.cascade", "auth/jobrule.go", func() {
			o.Call(18, "auth.(*Layer).BuildByJob", "auth/layer.go", func() {
				o.Query(91, "BuildByJob", "j")
				workspace(o, 95)
			})
		})
	})
}

func workspace(o *Operation, line int) {
	o.Call(line, "auth.(*Layer).Workspace", "auth/layer.go", func() {
		o.Query(57, "Workspace", "w")
		o.Check(61, "read workspace", "w")
	})
}

func requireLatestBuild(o *Operation, line int) {
	o.Call(line, "auth.requireLatestBuild", "auth/version.go", func() {
		o.Call(61, "auth.(*Layer).Build", "auth/layer.go", func() {
			o.Query(79, "Build", "b")
			workspace(o, 83)
		})
		o.Call(65, "auth.(*Layer).LatestBuild", "auth/layer.go", func() {
			workspace(o, 103)
			o.Query(106, "LatestBuild", "w")
		})
	})
}
