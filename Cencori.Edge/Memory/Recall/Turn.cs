using Cencori.Edge.Bodies;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Memory.Recall;

/// <summary>A question and its answer, to be stored when the caller has the whole answer.</summary>
/// <remarks>Not thread-safe: the request uses it from one thread at a time.</remarks>
internal sealed class Turn(TurnWriter writer, Exchange exchange, string @namespace, string question, string? end) : IExchangeFollower, IResponseHolder
{
    /// <summary>Most characters of an entry.</summary>
    public const int MaxCharacters = 10_240;

    private const string User = "User: ";
    private const string Assistant = "\nAssistant: ";

    private readonly Caller _caller = exchange.Caller!;
    private readonly Agent? _agent = exchange.Agent;
    private string? _question = question;

    /// <summary>The part of the answer that is kept. Null: the caller has read nothing, or the response could not be parsed.</summary>
    public string? Answer { get; set; }

    public Stream Hold(Stream response, bool isEventStream)
    {
        Answer = null;
        return new TurnStream(response, this, isEventStream);
    }

    /// <summary>Called after policies have checked the request: text that they mask is stored as masked.</summary>
    public void Screened(RequestContent content)
    {
        _question = LastUserMessage.Find(content.ChangedText, MaxCharacters + RecalledBlock.MaxCharacters, out var asked) is null && asked is not null ? Behind(asked.Text) : null;
    }

    public void Ended(bool isGood)
    {
        // An answer into which policies put masked values back is not stored.
        if (isGood && !string.IsNullOrWhiteSpace(Answer) && _question is not null && exchange.Tokens is not { Values.Count: > 0 })
        {
            writer.Write(new(_caller, _agent, @namespace, Join(PlainText.Whole(_question), PlainText.Whole(Answer))));
        }
    }

    /// <summary>Both in one entry. Cuts a part only if both do not fit.</summary>
    internal static string Join(string question, string response)
    {
        var room = MaxCharacters - User.Length - Assistant.Length;
        question = PlainText.Cut(question, Math.Max(room / 2, room - response.Length));
        return User + question + Assistant + PlainText.Cut(response, room - question.Length);
    }

    // Removes the recalled block: its entries are already stored.
    private string? Behind(string text) =>
        end is null ? text
        : text.IndexOf(end, StringComparison.Ordinal) is >= 0 and var first && text.IndexOf(end, first + end.Length, StringComparison.Ordinal) is >= 0 and var last
            ? text[(last + end.Length)..].TrimStart('\n')
            : null;
}
