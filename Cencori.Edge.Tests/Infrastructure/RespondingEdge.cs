namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>The provider answers with one small completion whatever no test has put a script there for.</summary>
public class RespondingEdge : ScriptedEdge
{
    public RespondingEdge() => RespondToChats();

    public virtual void RespondToChats() => Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
}
