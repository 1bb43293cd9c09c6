using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Bodies;

/// <summary>A JSON body, whole and scanned.</summary>
public sealed class JsonContent : RequestContent
{
    // YARP copies larger ones piece by piece, and takes each piece that a slow provider accepts for a sign of life.
    private const int MaxOneWrite = 64 * 1024;

    private readonly PooledBody _body;
    private readonly bool _canTellUsage;
    private RequestScan _scan;

    public JsonContent(PooledBody body, in RequestScan scan, EdgeEndpoint endpoint)
    {
        _body = body;
        _scan = scan;
        Model = scan.Model;
        IsStream = scan.Stream;
        _canTellUsage = endpoint.HasStreamOptions;

        // A path that the edge does not know may lead to a chat all the same.
        var mayHaveOutput = endpoint.HasOutput || scan.HasMessages || scan.OutputBound is not null;
        ReservedTokens = scan.Reservation(mayHaveOutput);
        OutputTokens = mayHaveOutput ? scan.EstimateOutputTokens() : 0;
    }

    public override ReadOnlySpan<byte> Text => _body.Span;

    public override void UseModel(string model)
    {
        if (model != Model || _scan.HasRepeatedModel)
        {
            _scan = _body.ReplaceModel(_scan, model);
        }
    }

    public override bool AskForUsage()
    {
        // Without a stream, providers refuse the option.
        if (!_canTellUsage || !_scan.Stream || _scan.IncludeUsage == true)
        {
            return false;
        }

        _body.IncludeUsage(_scan);
        return true;
    }

    public override void ForwardFrom(HttpRequest request)
    {
        request.Body = _body.OpenStream();

        // The two must agree with what is sent: a stale length is a 400, and a left-over Transfer-Encoding sends chunks.
        request.ContentLength = _body.Length;
        request.Headers.Remove("Transfer-Encoding");
    }

    public override HttpContent? HeldBody() => _body.Length <= MaxOneWrite ? new StreamContent(_body.OpenStream()) : null;

    public override void Dispose()
    {
        _body.Dispose();
        base.Dispose();
    }
}
