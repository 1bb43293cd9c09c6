using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Searches a memory for the question of a chat request and inserts the found entries into the prompt. If the request asks for it, stores question and answer.</summary>
public sealed class MemoryStep
{
    // Maximum number of characters of the question that are used for the search. A longer text gives less precise results.
    private const int MaxQuestion = 6_000;

    private readonly IMemoryRecall _memory;
    private readonly BufferShares _shares;
    private readonly TurnWriter _writer;

    internal MemoryStep(IMemoryRecall memory, BufferShares shares, TurnWriter writer) => (_memory, _shares, _writer) = (memory, shares, writer);

    /// <summary>The body fields whose positions the scanner must record for <see cref="Take"/>.</summary>
    internal static NotedFields FieldsToNote(Exchange exchange) => exchange.Endpoint.Native switch
    {
        NativeShape.Chat => NotedFields.Memory,
        NativeShape.Sources => NotedFields.Sources | NotedFields.Prompt,
        _ => NotedFields.None,
    };

    /// <summary>Reads the memory fields of the body, and removes them, because providers do not support them.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="content">The request body, scanned for the fields of <see cref="FieldsToNote"/>.</param>
    /// <param name="call">How the request uses a memory. Null: it uses none.</param>
    /// <returns>The error that refuses the request. Null: success.</returns>
    internal static EdgeError? Take(Exchange exchange, RequestContent content, out MemoryCall? call)
    {
        call = null;
        var (shape, ofAgent) = (exchange.Endpoint.Native, exchange.Agent?.Memory);
        if (shape is NativeShape.Chat or NativeShape.Sources && content is JsonContent body)
        {
            if ((shape == NativeShape.Chat ? TakeMember(body, out call) : SourcesCall.Take(body, out call)) is { } problem)
            {
                return problem;
            }

            if (call is not null && exchange.Caller!.Key.Type == KeyType.Publishable)
            {
                return EdgeError.Forbidden("A publishable key must not use a project's memory. Send the request with a secret key or an agent's key.", Reasons.KeyType);
            }
        }

        if (call is null && ofAgent is not null && exchange.Endpoint.Operation == Operation.Chat)
        {
            call = MemoryCall.Of(ofAgent);
        }

        return null;
    }

    /// <summary>Searches the memory and inserts the found entries into the body. Call it before tokens are reserved, because the input grows.</summary>
    /// <returns>The error that refuses the request. Null: success.</returns>
    internal async ValueTask<EdgeError?> RecallAsync(Exchange exchange, RequestContent content, MemoryCall call)
    {
        if (content is not JsonContent body)
        {
            return new EdgeError(ErrorKind.UnsupportedMediaType, "The request body must be application/json, because the request or its agent uses a memory.");
        }

        if (LastUserMessage.Find(body.Text, Turn.MaxCharacters, out var question) is { } wrong)
        {
            return wrong;
        }

        if (question is null && call.ListsSources is not null)
        {
            return EdgeError.Invalid("'messages' must contain a user message with text. The edge searches the memory for this text.", "messages");
        }

        IReadOnlyList<RecalledMemory> found = [];
        if (question is not null)
        {
            var (memories, refusal) = await exchange.Clock.WaitForMemoryAsync(
                _memory.RecallAsync(exchange, call.Namespace, PlainText.ReplaceInvalid(PlainText.Cut(question.Text, MaxQuestion)), call.Limit, call.Threshold, call.NamespacePlace));
            if (refusal is not null)
            {
                return refusal;
            }

            found = memories!.Found;
        }

        var block = found.Count > 0 ? RecalledBlock.Of(found) : null;
        if (block is not null && Insert(exchange, body, question!, block) is { } misfit)
        {
            return misfit;
        }

        exchange.Recalled = block?.Entries.Count ?? 0;
        if (call.ListsSources is { } tells)
        {
            exchange.Sources = new(tells ? SourceList.Write(block?.Entries ?? []) : null, () => exchange.Clock.Time.GetElapsedTime(exchange.Clock.ArrivedAt));
        }

        if (call.Stores && question is not null)
        {
            var turn = new Turn(_writer, exchange, call.Namespace, question.Text, block?.End);
            exchange.Listener = turn;
            exchange.Follow(turn);
        }

        return null;
    }

    /// <summary>Reads the question again after policies have checked the request. If they masked the question, only the masked question is stored.</summary>
    internal static void Screened(Exchange exchange, RequestContent content) => (exchange.Listener as Turn)?.Screened(content);

    private static EdgeError? TakeMember(JsonContent body, out MemoryCall? call)
    {
        call = null;
        var isSeen = false;
        foreach (var field in body.Scan.Noted ?? [])
        {
            if (field.Field != RequestField.Memory)
            {
                continue;
            }

            if (isSeen)
            {
                return EdgeError.Invalid("'memory' must not be repeated.", "memory");
            }

            isSeen = true;
            if (MemoryFields.ReadMember(body.Text.Slice(field.Value.Start, field.Value.Length), out call) is { } malformed)
            {
                return malformed;
            }

            body.Edits.Remove(field, body.Text);
        }

        return null;
    }

    private EdgeError? Insert(Exchange exchange, JsonContent body, LastUserMessage question, RecalledBlock block)
    {
        if (body.Edits.Covers(question.Place))
        {
            // A prompt or an agent may have replaced the part of the body that contains the question. So the pending edits are applied first.
            try
            {
                if (body.ApplyEdits(exchange.Endpoint.Operation, _shares.Of(exchange.Caller!)) is var (message, param))
                {
                    return EdgeError.Invalid(message, param);
                }
            }
            catch (OverloadedException exception)
            {
                return new(ErrorKind.Overloaded, exception.Message) { RetryAfter = TimeSpan.FromSeconds(1) };
            }

            if (LastUserMessage.Find(body.Text, Turn.MaxCharacters, out var moved) is { } wrong || moved is null)
            {
                return EdgeError.Invalid("'messages' must contain a user message with text. The edge checks this after it has applied the prompt or agent.", "messages");
            }

            question = moved;
        }

        var inserted = block.ToInsert(question.IsList);
        body.Edits.Replace(new(question.Place, 0), inserted);
        body.AddInput(inserted.Length);
        return null;
    }
}
