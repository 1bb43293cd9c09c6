namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>The provider answers with one small completion whatever no test has put a script there for.</summary>
public class AnsweringEdge : ScriptedEdge
{
    public AnsweringEdge() => AnswerChats();

    public virtual void AnswerChats() => Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
}
