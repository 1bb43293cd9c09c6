using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>An edge whose provider responds with a small completion to every request without a script.</summary>
public class RespondingEdge : ScriptedEdge
{
    public RespondingEdge() => RespondToChats();

    public virtual void RespondToChats() => Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
}
