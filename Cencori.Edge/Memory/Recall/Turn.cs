using Cencori.Edge.Bodies;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Memory.Recall;

/// <summary>A turn: the question of a chat request and the model's answer. It is stored after the caller has received the whole answer.</summary>
/// <remarks>Not thread-safe: only one thread of the request uses it at a time.</remarks>
internal sealed class Turn(TurnWriter writer, Exchange exchange, string @namespace, string question, string? end) : IExchangeFollower, IResponseHolder
{
    /// <summary>Maximum number of characters of a stored entry.</summary>
    public const int MaxCharacters = 10_240;

    private const string User = "User: ";
    private const string Assistant = "\nAssistant: ";

    private readonly Caller _caller = exchange.Caller!;
    private readonly Agent? _agent = exchange.Agent;
    private string? _question = question;

    /// <summary>The text of the model's answer. The end of a long answer may be missing, because it would not be stored. Null: the caller has
    /// received no text, or the response could not be parsed.</summary>
    public string? Answer { get; set; }

    public Stream Hold(Stream response, bool isEventStream)
    {
        Answer = null;
        return new TurnStream(response, this, isEventStream);
    }

    /// <summary>Reads the question again after policies have checked the request. If they masked the question, only the masked question is stored.</summary>
    public void Screened(RequestContent content)
    {
        _question = LastUserMessage.Find(content.ChangedText, MaxCharacters + RecalledBlock.MaxCharacters, out var requested) is null && requested is not null ? WithoutRecalledBlock(requested.Text) : null;
    }

    public void Ended(bool isDelivered)
    {
        // A policy may have replaced sensitive values by tokens. Then the turn is not stored, because the caller's answer contains the values themselves.
        if (isDelivered && !string.IsNullOrWhiteSpace(Answer) && _question is not null && exchange.Tokens is not { Values.Count: > 0 })
        {
            writer.Write(new(_caller, _agent, @namespace, Join(PlainText.ReplaceInvalid(_question), PlainText.ReplaceInvalid(Answer))));
        }
    }

    /// <summary>Joins question and answer to one entry. Shortens them only if both together do not fit.</summary>
    internal static string Join(string question, string response)
    {
        var room = MaxCharacters - User.Length - Assistant.Length;
        question = PlainText.Cut(question, Math.Max(room / 2, room - response.Length));
        return User + question + Assistant + PlainText.Cut(response, room - question.Length);
    }

    // Returns the question, which follows the inserted block of memory entries. The entries in the block are already stored.
    private string? WithoutRecalledBlock(string text) =>
        end is null ? text
        : text.IndexOf(end, StringComparison.Ordinal) is >= 0 and var first && text.IndexOf(end, first + end.Length, StringComparison.Ordinal) is >= 0 and var last
            ? text[(last + end.Length)..].TrimStart('\n')
            : null;
}
