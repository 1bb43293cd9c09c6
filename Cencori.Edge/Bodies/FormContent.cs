using Cencori.Edge.Bodies.Multipart;

namespace Cencori.Edge.Bodies;

/// <summary>A form, held up to its model; the rest passes as it comes, and so once.</summary>
public sealed class FormContent : RequestContent
{
    private readonly MultipartPrefix _form;

    public FormContent(MultipartPrefix form)
    {
        _form = form;
        Model = form.Model;
    }

    public override HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage)
    {
        Splice[] splices = model is null || model == _form.Model ? [] : [_form.Model is null ? _form.InsertModel(model) : _form.ReplaceModel(model)];
        request.Body = _form.OpenStream(splices);
        request.ContentLength += Splice.GrowthOf(splices, _form.Length);
        return null;
    }

    protected override bool TryTakeModel()
    {
        MayRunAnyModel = false;
        return true;
    }

    public override void Dispose()
    {
        _form.Dispose();
        base.Dispose();
    }
}
