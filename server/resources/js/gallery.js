/** Opens pictures of a grid in a lightbox, which is loaded at the first click; without it they are links. */
let loading

async function load() {
  const [{ default: PhotoSwipeLightbox }] = await Promise.all([
    import('photoswipe/lightbox'),
    import('photoswipe/style.css'),
  ])
  const lightbox = new PhotoSwipeLightbox({
    gallery: '[data-gallery]',
    children: 'a[data-pswp-width]',
    pswpModule: () => import('photoswipe'),
    bgOpacity: 0.92,
  })
  lightbox.on('uiRegister', () => {
    lightbox.pswp.ui.registerElement({
      name: 'details',
      order: 9,
      isButton: true,
      tagName: 'a',
      html: 'Details',
      title: 'Details of this screenshot',
      onInit: (element, pswp) => {
        pswp.on('change', () => {
          element.href = pswp.currSlide.data.element.dataset.details
        })
      },
    })
  })
  lightbox.init()
  return lightbox
}

document.addEventListener('click', async (event) => {
  const link = event.target instanceof Element && event.target.closest('a[data-pswp-width]')
  if (!link || loading || event.ctrlKey || event.metaKey || event.shiftKey) {
    return
  }
  event.preventDefault()
  loading = load()
  await loading
  link.click()
})
