//! What the language must know about resource agents: asked of the caller, who may look.

/// Answers questions about resource agents.
pub trait AgentLookup {
    /// Returns the providers that have an OCF agent of this type, in the order they are found;
    /// empty where there is none or nothing is known.
    fn providers(&self, agent_type: &str) -> Vec<String>;

    /// Returns whether an agent has a parameter; `None` where nothing is known of the agent.
    fn has_parameter(
        &self,
        class: &str,
        provider: Option<&str>,
        agent_type: &str,
        parameter: &str,
    ) -> Option<bool> {
        let _ = (class, provider, agent_type, parameter);
        None
    }
}

/// Knows no agent: a short name then means `ocf:heartbeat:NAME`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NoAgents;

impl AgentLookup for NoAgents {
    fn providers(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}
