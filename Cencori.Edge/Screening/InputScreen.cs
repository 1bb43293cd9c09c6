using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Screening.Documents;
using Cencori.Edge.Screening.Events;
using Cencori.Edge.Screening.Guardrails;
using Cencori.Edge.Storage.Secrets;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ObjectPool;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Screening;

/// <summary>Applies a project's policies to a request before any provider receives it. Call it only if the project has policies.</summary>
public sealed partial class InputScreen
{
    private const string Purpose = "policy-tokens";

    private static readonly byte[] NoTokens = [.. "null"u8];

    private readonly BufferShares _shares;
    private readonly PolicyMeters _meters;
    private readonly GuardrailClient _guardrails;
    private readonly ProviderCatalog _catalog;
    private readonly TimeProvider _time;
    private readonly byte[] _tokenKey;
    private readonly ObjectPool<BodyScreen> _screens;

    public InputScreen(BufferShares shares, PolicyMeters meters, GuardrailClient guardrails, ProviderCatalog catalog, SecretSealer sealer, TimeProvider time)
    {
        (_shares, _meters, _guardrails, _catalog, _time, _tokenKey) = (shares, meters, guardrails, catalog, time, sealer.Derive(sealer.SealKeyId, Purpose));
        _screens = new DefaultObjectPool<BodyScreen>(new ScreenPolicy(new CleanTextCache()), Environment.ProcessorCount * 2);
    }

    /// <summary>Scans the request, asks guardrails if there are any, and masks findings.</summary>
    /// <param name="exchange">The exchange of the request.</param>
    /// <param name="content">What the edge has read of the request.</param>
    /// <param name="set">The project's policies.</param>
    /// <param name="isSession">True for a WebSocket, whose messages cannot be scanned.</param>
    /// <returns>The error that refuses the request. Null: the request is not refused.</returns>
    public ValueTask<EdgeError?> ApplyAsync(Exchange exchange, RequestContent content, PolicySet set, bool isSession)
    {
        var findings = exchange.Policy = new(set.Version);
        if (set.IsUnreadable)
        {
            return new(new EdgeError(ErrorKind.PolicyUnavailable, "The policies of this project were set by a later version of the edge, and cannot be read by this one.") { RetryAfter = TimeSpan.FromSeconds(30) });
        }

        if ((isSession || HidesContent(exchange, content)) && (set.EnforcesInput || (isSession && set.EnforcesOutput)))
        {
            findings.IsUnscanned = true;
            if (set.BlocksUnscanned)
            {
                findings.HidesModel = content.Model is { } model && set.Finds(model);
                return new(Unscanned(exchange, "The policies of this project cannot scan this request. That applies to files, batches, sessions, and bodies that are neither JSON nor forms, or not in UTF-8. The project can allow such requests with unscanned_endpoints: allow."));
            }
        }

        if (set is { EnforcesOutput: true, BlocksUnscanned: true } && RespondsWithAudio(exchange))
        {
            findings.IsUnscanned = true;
            return new(Unscanned(exchange, "The response is audio, which the policies of this project cannot scan. The project can allow such requests with unscanned_endpoints: allow."));
        }

        if (set is { EnforcesOutput: true, BlocksUnscanned: true } && BeginsLate(exchange.Context.Request))
        {
            findings.IsUnscanned = true;
            return new(Unscanned(exchange, "The policies of this project must see a stream from its start. Ask for it without starting_after. The project can allow such requests with unscanned_endpoints: allow."));
        }

        if (set.EnforcesOutput)
        {
            // Removes the Range header: parts of a response would be scanned one by one, and a finding could be split between two parts.
            exchange.Context.Request.Headers.Range = default;
        }

        if (!set.ScansInput)
        {
            return default;
        }

        var from = _time.GetTimestamp();
        var screen = _screens.Get();
        Pending? pending = null;
        EdgeError? error;
        try
        {
            error = Scan(exchange, content, set, screen, findings, out pending);
        }
        finally
        {
            _screens.Return(screen);
            findings.InputMicroseconds = (long)_time.GetElapsedTime(from).TotalMicroseconds;
            if (pending is null)
            {
                _meters.Record(findings, isOutput: false);
            }
        }

        return pending is null ? new(error) : new(AskAsync(exchange, pending, findings));
    }

    /// <summary>Scans a response that is one JSON document.</summary>
    /// <param name="json">The whole document.</param>
    /// <param name="set">The project's policies.</param>
    /// <param name="model">The requested model. Null: not known.</param>
    /// <param name="asksGuardrails">True: guardrails for responses are also asked, unless a local rule blocks.</param>
    /// <param name="findings">Receives the findings.</param>
    /// <param name="guarded">The requests to guardrails. Null: no guardrail has to be asked.</param>
    /// <returns>The changes of the document, sorted.</returns>
    internal List<Splice> ScanResponse(ReadOnlySpan<byte> json, PolicySet set, string? model, bool asksGuardrails, PolicyFindings findings, out GuardedBody? guarded)
    {
        var screen = _screens.Get();
        try
        {
            (screen.Model, screen.KeepsTexts) = (model, asksGuardrails);
            screen.Scan(json, set, isOutput: true);
            var masked = new List<(BodyHit, PolicyAction)>();
            foreach (var hit in screen.Hits)
            {
                var action = TextRelease.ActionOf(hit.Rule);
                if (action != PolicyAction.Off)
                {
                    findings.Add(hit.Rule, isOutput: true, action, hit.Where);
                }

                if (action == PolicyAction.Mask)
                {
                    masked.Add((hit with { IsFixed = false }, action));
                }
            }

            if (screen.IsCut && set.EnforcesOutput)
            {
                findings.IsEnded = findings.IsUnscanned = true;
            }

            var tokens = set.EnforcesOutput ? screen.Tokens.Select(static range => new Splice(range, NoTokens)) : [];
            List<Splice> splices = masked.Count + screen.Tokens.Count == 0 ? [] : [.. JsonEdits.Outermost([.. Masks.Of(masked, json, NewTokens("")).Concat(tokens).OrderBy(static splice => splice.Range.Start).ThenByDescending(static splice => splice.Range.Length)])];
            guarded = !asksGuardrails || findings.Blocks || findings.IsEnded ? null : GuardedBody.OfResponse(set, screen, json, splices);
            return splices;
        }
        finally
        {
            _screens.Return(screen);
        }
    }

    private static bool HidesContent(Exchange exchange, RequestContent content)
    {
        var endpoint = exchange.Endpoint;
        return endpoint.RunsUnnamedModel
            || (endpoint.BeginsBackgroundWork && exchange.Rest.StartsWithSegments("/fine_tuning"))
            || (content is JsonContent or FormContent && !BodyCharset.IsUtf8(exchange.Context.Request.ContentType))
            || (content is not JsonContent and not FormContent { Parts: not null } && exchange.Context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true);
    }

    private EdgeError? Scan(Exchange exchange, RequestContent content, PolicySet set, BodyScreen screen, PolicyFindings findings, out Pending? pending)
    {
        pending = null;
        screen.KeepsTexts = set.Guardrails.Length > 0;
        screen.Model = IsListed(exchange, content.Model) ? content.Model : null;
        List<Splice>? splices = null;
        if (content is JsonContent json)
        {
            try
            {
                if (json.ApplyEdits(exchange.Endpoint.Operation, _shares.Of(exchange.Caller!)) is var (message, param))
                {
                    return EdgeError.Invalid(message, param);
                }
            }
            catch (OverloadedException exception)
            {
                return new(ErrorKind.Overloaded, exception.Message) { RetryAfter = TimeSpan.FromSeconds(1) };
            }

            screen.Scan(json.Text, set, isOutput: false);
            splices = Decide(exchange, json.Text, screen, findings, json.IsModel);
        }
        else if (content is FormContent { Parts: { } parts } form)
        {
            FormParts.Scan(form.Held, parts, screen, set);
            splices = Decide(exchange, form.Held, screen, findings, static _ => false);
        }

        RequestAddress.Scan(exchange, screen.Model, screen, set, findings);

        if (findings.Blocks)
        {
            return Violation(exchange, findings, isOutput: false);
        }

        if (screen.IsCut && set.EnforcesInput)
        {
            findings.IsUnscanned = true;
            return Unscanned(exchange, $"The request has more than {BodyScreen.MaxHits} hits, so not all of it was scanned.");
        }

        if (screen.HidesText && set.EnforcesInput)
        {
            findings.IsUnscanned = true;
            if (set.BlocksUnscanned)
            {
                return Unscanned(exchange, "The form has a part in another encoding than UTF-8, or data after its end.");
            }
        }

        if (screen.HasUnscannable && set is { BlocksUnscannableParts: true, EnforcesInput: true })
        {
            return Unscanned(exchange, "The request has a part that is not text, and the policies of this project allow only content that they can scan.");
        }

        if (splices is not null || screen.Texts.Count > 0)
        {
            pending = content switch
            {
                JsonContent changed => Prepare(exchange, set, screen, changed.Text, changed.IsModel, splices, splice => changed.Edits.Replace(splice.Range, splice.Bytes)),
                FormContent changed => Prepare(exchange, set, screen, changed.Held, static _ => false, splices, splice => changed.Replace(splice)),
                _ => null,
            };
        }

        return null;
    }

    private sealed class ScreenPolicy(CleanTextCache clean) : PooledObjectPolicy<BodyScreen>
    {
        public override BodyScreen Create() => new(clean);

        public override bool Return(BodyScreen obj)
        {
            if (obj.Forget())
            {
                return true;
            }

            obj.Dispose();
            return false;
        }
    }
}
