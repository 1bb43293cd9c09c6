using Cencori.Edge.Bodies;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Memory.Recall;

/// <summary>A question and what was answered, to be stored when the caller has all of the answer.</summary>
/// <remarks>Used by one thread at a time, as the request is.</remarks>
internal sealed class Turn(TurnWriter writer, Exchange exchange, string @namespace, string question, string? end) : IExchangeFollower, IResponseHolder
{
    /// <summary>The most that an entry has.</summary>
    public const int MaxCharacters = 10_240;

    private const string User = "User: ";
    private const string Assistant = "\nAssistant: ";

    private readonly Caller _caller = exchange.Caller!;
    private readonly Agent? _agent = exchange.Agent;
    private string? _question = question;

    /// <summary>What the caller has read of the answer, so far as it is kept. Null: nothing, or nobody could read it.</summary>
    public string? Answer { get; set; }

    public Stream Hold(Stream response, bool isEventStream)
    {
        Answer = null;
        return new TurnStream(response, this, isEventStream);
    }

    /// <summary>Policies have looked at the request: what they have masked is stored as the provider gets it.</summary>
    public void Screened(RequestContent content)
    {
        _question = LastUserMessage.Find(content.ChangedText, MaxCharacters + RecalledBlock.MaxCharacters, out var asked) is null && asked is not null ? Behind(asked.Text) : null;
    }

    public void Ended(bool isGood)
    {
        // What policies put back into an answer is kept nowhere.
        if (isGood && !string.IsNullOrWhiteSpace(Answer) && _question is not null && exchange.Tokens is not { Values.Count: > 0 })
        {
            writer.Write(new(_caller, _agent, @namespace, Join(PlainText.Whole(_question), PlainText.Whole(Answer))));
        }
    }

    /// <summary>Both in one, neither cut where there is room for it.</summary>
    internal static string Join(string question, string response)
    {
        var room = MaxCharacters - User.Length - Assistant.Length;
        question = PlainText.Cut(question, Math.Max(room / 2, room - response.Length));
        return User + question + Assistant + PlainText.Cut(response, room - question.Length);
    }

    // What was recalled is stored already.
    private string? Behind(string text) =>
        end is null ? text
        : text.IndexOf(end, StringComparison.Ordinal) is >= 0 and var first && text.IndexOf(end, first + end.Length, StringComparison.Ordinal) is >= 0 and var last
            ? text[(last + end.Length)..].TrimStart('\n')
            : null;
}
