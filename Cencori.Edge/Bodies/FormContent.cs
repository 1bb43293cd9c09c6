using Cencori.Edge.Bodies.Multipart;

namespace Cencori.Edge.Bodies;

/// <summary>A form, held up to its model; the rest passes as it comes.</summary>
public sealed class FormContent : RequestContent
{
    private readonly MultipartPrefix _form;
    private int _growth;

    public FormContent(MultipartPrefix form)
    {
        _form = form;
        Model = form.Model;
    }

    public override void UseModel(string model)
    {
        if (model != Model)
        {
            _growth = _form.ReplaceModel(model);
        }
    }

    public override void ForwardFrom(HttpRequest request)
    {
        request.Body = _form.OpenStream();
        request.ContentLength += _growth;
    }

    public override void Dispose()
    {
        _form.Dispose();
        base.Dispose();
    }
}
