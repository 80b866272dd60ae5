import adonisjs from '@adonisjs/vite/client'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [
    tailwindcss(),
    adonisjs({
      entryPoints: ['server/resources/css/app.css', 'server/resources/js/app.js'],
      buildDirectory: 'server/public/assets',
      assetsUrl: '/assets',
      reload: ['server/resources/views/**/*.edge'],
    }),
  ],
  publicDir: false,
  build: { emptyOutDir: true },
})
